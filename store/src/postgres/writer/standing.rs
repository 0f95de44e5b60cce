//! Writing where leads went: stays in stages that ended, and who belongs to which segment.

use crate::columns::micros;
use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::postgres::plain;
use crate::writer::last_moves;
use sqlx::postgres::PgConnection;
use trunkline_leads::standing::{SegmentMove, Stay};

/// Keeps stays that ended.
pub(super) async fn add_stays(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    stays: &[Stay],
) -> Result<(), Error> {
    let sql = "INSERT INTO stage_stay (workspace, lead, stage, entered_at, left_at, next, recycled, reason) \
        SELECT $1, * FROM UNNEST($2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::boolean[], $8::text[])";
    sqlx::query(sql)
        .bind(workspace.0)
        .bind(stays.iter().map(|stay| stay.lead_id).collect::<Vec<_>>())
        .bind(stays.iter().map(|stay| plain(&stay.stage)).collect::<Vec<_>>())
        .bind(stays.iter().map(|stay| micros(stay.entered_at)).collect::<Vec<_>>())
        .bind(stays.iter().map(|stay| micros(stay.left_at)).collect::<Vec<_>>())
        .bind(stays.iter().map(|stay| plain(&stay.next)).collect::<Vec<_>>())
        .bind(stays.iter().map(|stay| stay.is_recycled).collect::<Vec<_>>())
        .bind(stays.iter().map(|stay| stay.reason.as_deref().map(plain)).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// Lets leads enter and leave segments.
pub(super) async fn move_members(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    moves: Vec<SegmentMove>,
) -> Result<(), Error> {
    let (entered, left) = last_moves(moves);
    if !left.is_empty() {
        let sql = "DELETE FROM segment_member USING UNNEST($2::text[], $3::uuid[]) AS v (segment, lead) \
            WHERE segment_member.workspace = $1 AND segment_member.segment = v.segment AND segment_member.lead = v.lead";
        sqlx::query(sql)
            .bind(workspace.0)
            .bind(left.iter().map(|moved| plain(&moved.segment)).collect::<Vec<_>>())
            .bind(left.iter().map(|moved| moved.lead_id).collect::<Vec<_>>())
            .execute(&mut *connection)
            .await?;
    }
    if !entered.is_empty() {
        let sql = "INSERT INTO segment_member (workspace, segment, lead, entered_at) \
            SELECT $1, * FROM UNNEST($2::text[], $3::uuid[], $4::bigint[]) ON CONFLICT DO NOTHING";
        sqlx::query(sql)
            .bind(workspace.0)
            .bind(entered.iter().map(|moved| plain(&moved.segment)).collect::<Vec<_>>())
            .bind(entered.iter().map(|moved| moved.lead_id).collect::<Vec<_>>())
            .bind(entered.iter().map(|moved| micros(moved.at)).collect::<Vec<_>>())
            .execute(connection)
            .await?;
    }
    Ok(())
}
