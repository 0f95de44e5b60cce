//! Accounts in other systems, apps, connectors and plugins: a store in memory has none of them.

use super::{Absent, absent};
use crate::ports::{
    Answer, AppEvent, AppEvents, Connection, ConnectionUse, Connections, Connector, ConnectorImport,
    ConnectorUse, Connectors, Delivered, Delivery, DeliveryCount, Edition, Handshake, HookSecret,
    HookSecrets, Install, Keeping, Look, NewAppEvent, Plugin, PluginChange, PluginFile, PluginUse, Plugins,
    Refused, WorkspaceId,
};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

const CONNECTIONS: &str = "connections";

impl Connections for Absent {
    fn add(&self, _: WorkspaceId, _: Connection) -> Answer<'_, ()> {
        absent(CONNECTIONS)
    }

    fn list(&self, _: WorkspaceId) -> Answer<'_, Vec<Connection>> {
        absent(CONNECTIONS)
    }

    fn get(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<Connection>> {
        absent(CONNECTIONS)
    }

    fn change(&self, _: WorkspaceId, _: i64, _: Connection) -> Answer<'_, ()> {
        absent(CONNECTIONS)
    }

    fn remove(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Vec<ConnectionUse>> {
        absent(CONNECTIONS)
    }

    fn used_by(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Vec<ConnectionUse>> {
        absent(CONNECTIONS)
    }

    fn count_calls(&self, _: Uuid, _: NaiveDate, _: u64) -> Answer<'_, ()> {
        absent(CONNECTIONS)
    }

    fn sealed_otherwise(&self, _: Vec<u8>, _: u32) -> Answer<'_, Vec<(WorkspaceId, Connection)>> {
        absent(CONNECTIONS)
    }

    fn ending(
        &self,
        _: DateTime<Utc>,
        _: Option<Uuid>,
        _: u32,
    ) -> Answer<'_, Vec<(WorkspaceId, Connection)>> {
        absent(CONNECTIONS)
    }

    fn note_warning(&self, _: Uuid, _: DateTime<Utc>, _: u8) -> Answer<'_, ()> {
        absent(CONNECTIONS)
    }

    fn begin_handshake(&self, _: Handshake, _: DateTime<Utc>) -> Answer<'_, ()> {
        absent(CONNECTIONS)
    }

    fn locate(&self, _: Uuid) -> Answer<'_, Option<(WorkspaceId, Connection)>> {
        absent(CONNECTIONS)
    }

    fn take_handshake(&self, _: [u8; 32], _: DateTime<Utc>) -> Answer<'_, Option<(WorkspaceId, Handshake)>> {
        absent(CONNECTIONS)
    }
}

const CONNECTORS: &str = "connectors";

impl Connectors for Absent {
    fn all(&self) -> Answer<'_, Vec<(Connector, String)>> {
        absent(CONNECTORS)
    }

    fn of(&self, _: WorkspaceId) -> Answer<'_, Vec<(Connector, String)>> {
        absent(CONNECTORS)
    }

    fn edition(&self, _: WorkspaceId, _: i64) -> Answer<'_, Option<(String, String)>> {
        absent(CONNECTORS)
    }

    fn editions(&self, _: WorkspaceId, _: String) -> Answer<'_, Vec<Edition>> {
        absent(CONNECTORS)
    }

    fn newest(&self, _: WorkspaceId, _: String) -> Answer<'_, Option<String>> {
        absent(CONNECTORS)
    }

    fn install(&self, _: WorkspaceId, _: Install) -> Answer<'_, i64> {
        absent(CONNECTORS)
    }

    fn switch(&self, _: WorkspaceId, _: String, _: bool) -> Answer<'_, ()> {
        absent(CONNECTORS)
    }

    fn remove(&self, _: WorkspaceId, _: String) -> Answer<'_, Vec<ConnectorUse>> {
        absent(CONNECTORS)
    }

    fn used_by(&self, _: WorkspaceId, _: String) -> Answer<'_, Vec<ConnectorUse>> {
        absent(CONNECTORS)
    }

    fn keep_import(&self, _: WorkspaceId, _: ConnectorImport, _: DateTime<Utc>) -> Answer<'_, ()> {
        absent(CONNECTORS)
    }

    fn import(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<ConnectorImport>> {
        absent(CONNECTORS)
    }
}

const HOOK_SECRETS: &str = "secrets of webhooks";

impl HookSecrets for Absent {
    fn keep(&self, _: WorkspaceId, _: Vec<HookSecret>) -> Answer<'_, ()> {
        absent(HOOK_SECRETS)
    }

    fn get(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<HookSecret>> {
        absent(HOOK_SECRETS)
    }

    fn of_workflow(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Vec<HookSecret>> {
        absent(HOOK_SECRETS)
    }

    fn publish(&self, _: WorkspaceId, _: Vec<Uuid>) -> Answer<'_, ()> {
        absent(HOOK_SECRETS)
    }

    fn tidy(&self, _: WorkspaceId, _: Uuid, _: Vec<Uuid>) -> Answer<'_, ()> {
        absent(HOOK_SECRETS)
    }

    fn forget(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, ()> {
        absent(HOOK_SECRETS)
    }

    fn sealed_otherwise(&self, _: Vec<u8>, _: u32) -> Answer<'_, Vec<(WorkspaceId, HookSecret)>> {
        absent(HOOK_SECRETS)
    }

    fn reseal(&self, _: Uuid, _: Vec<u8>, _: Vec<u8>) -> Answer<'_, ()> {
        absent(HOOK_SECRETS)
    }
}

const APP_EVENTS: &str = "events of apps";

impl AppEvents for Absent {
    fn looks(&self, _: Vec<Uuid>) -> Answer<'_, Vec<Look>> {
        absent(APP_EVENTS)
    }

    fn looked(&self, _: Look, _: Vec<NewAppEvent>) -> Answer<'_, ()> {
        absent(APP_EVENTS)
    }

    fn deliver(&self, _: Delivery) -> Answer<'_, Delivered> {
        absent(APP_EVENTS)
    }

    fn refuse(&self, _: Uuid, _: String, _: Refused, _: u64, _: DateTime<Utc>) -> Answer<'_, ()> {
        absent(APP_EVENTS)
    }

    fn deliveries(&self, _: Uuid) -> Answer<'_, Vec<DeliveryCount>> {
        absent(APP_EVENTS)
    }

    fn list(&self, _: u32) -> Answer<'_, Vec<AppEvent>> {
        absent(APP_EVENTS)
    }

    fn done(&self, _: Vec<i64>) -> Answer<'_, ()> {
        absent(APP_EVENTS)
    }
}

const PLUGINS: &str = "plugins";

impl Plugins for Absent {
    fn add(&self, _: WorkspaceId, _: Plugin, _: PluginFile) -> Answer<'_, ()> {
        absent(PLUGINS)
    }

    fn all(&self) -> Answer<'_, Vec<(WorkspaceId, Plugin)>> {
        absent(PLUGINS)
    }

    fn get(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<Plugin>> {
        absent(PLUGINS)
    }

    fn change(&self, _: WorkspaceId, _: i64, _: PluginChange) -> Answer<'_, ()> {
        absent(PLUGINS)
    }

    fn file(&self, _: Uuid, _: [u8; 32]) -> Answer<'_, Option<Vec<u8>>> {
        absent(PLUGINS)
    }

    fn newest(&self, _: WorkspaceId, _: String) -> Answer<'_, Option<String>> {
        absent(PLUGINS)
    }

    fn remove(&self, _: WorkspaceId, _: Uuid, _: Vec<String>) -> Answer<'_, Vec<PluginUse>> {
        absent(PLUGINS)
    }

    fn used_by(&self, _: WorkspaceId, _: Vec<String>) -> Answer<'_, Vec<PluginUse>> {
        absent(PLUGINS)
    }

    fn kept(&self, _: Uuid, _: String, _: String) -> Answer<'_, Option<String>> {
        absent(PLUGINS)
    }

    fn result_of(&self, _: Uuid, _: [u8; 32]) -> Answer<'_, Option<serde_json::Value>> {
        absent(PLUGINS)
    }

    fn keep(&self, _: WorkspaceId, _: Keeping, _: u64) -> Answer<'_, bool> {
        absent(PLUGINS)
    }
}
