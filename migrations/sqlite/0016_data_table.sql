-- Tables that people define and edit like a sheet, and that workflows read and write.
CREATE TABLE data_table (
    id         BLOB    PRIMARY KEY NOT NULL,
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    name       TEXT    NOT NULL,
    -- The columns, as JSON.
    layout     TEXT    NOT NULL,
    -- How many rows there are, so that nobody has to count them.
    row_count  INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (workspace, name)
) STRICT;

-- Their rows. The id is made in order, so that it is the order of the rows as well.
CREATE TABLE data_row (
    id         BLOB    PRIMARY KEY NOT NULL,
    data_table BLOB    NOT NULL REFERENCES data_table (id),
    search     TEXT    NOT NULL,
    record     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX data_row_of_table ON data_row (data_table, id);

-- What stands in the cells, so that rows are found by a value however large their table is.
CREATE TABLE data_cell (
    data_table BLOB NOT NULL,
    column_key TEXT NOT NULL,
    value      TEXT NOT NULL,
    row_id     BLOB NOT NULL,
    PRIMARY KEY (data_table, column_key, value, row_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX data_cell_of_row ON data_cell (row_id);

-- Numbers that workflows count with, each under a name and, where one name counts for many things, a key.
CREATE TABLE counter (
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    name       TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    value      INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, name, key)
) STRICT, WITHOUT ROWID;
