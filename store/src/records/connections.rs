//! Connections and attempts to get one.

use crate::columns::{Columns, from_json};
use crate::error::Error;
use crate::ports::{Connection, ConnectionUse, Handshake};
use chrono::NaiveDate;

/// A connection.
pub(crate) fn connection(row: &impl Columns) -> Result<Connection, Error> {
    let day = row.maybe_text("calls_day")?.map(str::parse::<NaiveDate>).transpose();
    let day = day.map_err(|_| Error::Corrupt("calls_day: this is no day".into()))?;
    let calls = row.count("calls")?;
    Ok(Connection {
        id: row.id("id")?,
        app: row.string("app")?,
        name: row.string("name")?,
        auth: row.string("auth")?,
        settings: row.json("settings")?,
        sealed: row.bytes("sealed")?.to_vec(),
        seal_key: row.bytes("seal_key")?.to_vec(),
        pending: row.flag("pending")?,
        revision: row.number("revision")?,
        expires_at: row.maybe_moment("expires_at")?,
        renews: row.flag("renews")?,
        ends_at: row.maybe_moment("ends_at")?,
        warned: match row.maybe_moment("warned_of")? {
            Some(end) => Some((end, u8::try_from(row.number("warned")?).unwrap_or(u8::MAX))),
            None => None,
        },
        account: row.maybe_string("account")?,
        tested_at: row.maybe_moment("tested_at")?,
        trouble: row.maybe_text("trouble")?.map(|text| from_json("trouble", text)).transpose()?,
        calls: day.map(|day| (day, calls)),
        created_at: row.moment("created_at")?,
        updated_at: row.moment("updated_at")?,
    })
}

/// What uses one.
pub(crate) fn connection_use(row: &impl Columns) -> Result<ConnectionUse, Error> {
    Ok(ConnectionUse {
        kind: row.string("kind")?,
        id: row.id("id")?,
        name: row.string("name")?,
        live: row.flag("live")?,
    })
}

/// An attempt to get one.
pub(crate) fn handshake(row: &impl Columns) -> Result<Handshake, Error> {
    let state = row.bytes("state")?.try_into();
    Ok(Handshake {
        state: state.map_err(|_| Error::Corrupt("state: a digest has 32 bytes".into()))?,
        connection: row.id("connection")?,
        user: row.maybe_id("user_id")?,
        sealed: row.bytes("sealed")?.to_vec(),
        expires_at: row.moment("expires_at")?,
    })
}
