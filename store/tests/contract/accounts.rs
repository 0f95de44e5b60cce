//! People, sessions and keys.

use crate::world::{Backend, HOME, moment};
use trunkline_store::ports::{NewSession, NewToken, NewUser, Role, TokenHash};
use trunkline_store::{Error, Store, WorkspaceId};
use uuid::Uuid;

const TOKEN: TokenHash = [7; 32];
const OTHER: TokenHash = [8; 32];

fn ada() -> NewUser {
    NewUser { id: Uuid::now_v7(), email: "Ada@example.com".into(), password_hash: "argon2".into() }
}

pub(crate) async fn the_set_up_token_works_once(backend: &impl Backend) {
    let store = backend.open().await;
    assert!(store.accounts.needs_setup().await.unwrap());
    store.accounts.issue_setup(OTHER, moment(60)).await.unwrap();
    store.accounts.issue_setup(TOKEN, moment(60)).await.unwrap();
    assert!(
        !store.accounts.setup_valid(OTHER, moment(0)).await.unwrap(),
        "the newer link replaces the older"
    );
    assert!(store.accounts.setup_valid(TOKEN, moment(0)).await.unwrap());
    for (hash, now) in [(OTHER, moment(0)), (TOKEN, moment(60))] {
        let refused = store.accounts.complete_setup(hash, now, ada(), None).await;
        assert_eq!(refused.unwrap_err(), Error::Expired);
    }
    let user = store.accounts.complete_setup(TOKEN, moment(1), ada(), Some("Acme".into())).await.unwrap();
    assert_eq!((user.role, user.workspace), (Role::Owner, HOME));
    assert!(!store.accounts.needs_setup().await.unwrap());
    assert_eq!(store.accounts.workspace(HOME).await.unwrap().name, "Acme");
    let again = store.accounts.complete_setup(TOKEN, moment(2), ada(), None).await;
    assert_eq!(again.unwrap_err(), Error::Expired);
    store.accounts.issue_setup(OTHER, moment(60)).await.unwrap();
    let second = store.accounts.complete_setup(OTHER, moment(2), ada(), None).await;
    assert_eq!(second.unwrap_err(), Error::Expired, "there is somebody already");
}

async fn somebody(store: &Store) -> Uuid {
    store.accounts.add_user(HOME, Role::Editor, ada()).await.unwrap().id
}

pub(crate) async fn sessions_end(backend: &impl Backend) {
    let store = backend.open().await;
    let user = somebody(&store).await;
    let open = |hash| NewSession { hash, user, csrf: "csrf".into(), expires_at: moment(60) };
    store.accounts.open_session(open(TOKEN)).await.unwrap();
    let session = store.accounts.session(TOKEN, moment(0)).await.unwrap().unwrap();
    assert_eq!((session.user.id, session.csrf.as_str(), session.user.role), (user, "csrf", Role::Editor));
    assert!(store.accounts.session(TOKEN, moment(60)).await.unwrap().is_none(), "it is over");
    assert!(store.accounts.session(OTHER, moment(0)).await.unwrap().is_none());
    store.accounts.close_session(TOKEN).await.unwrap();
    assert!(store.accounts.session(TOKEN, moment(0)).await.unwrap().is_none());
    store.accounts.open_session(open(OTHER)).await.unwrap();
    store.accounts.set_password(user, "new".into()).await.unwrap();
    assert!(
        store.accounts.session(OTHER, moment(0)).await.unwrap().is_none(),
        "a new password ends sessions"
    );
    assert_eq!(store.accounts.user(user).await.unwrap().unwrap().password_hash, "new");
}

pub(crate) async fn api_tokens_end_and_note_their_use(backend: &impl Backend) {
    let store = backend.open().await;
    let user = somebody(&store).await;
    let new = |hash, expires_at| NewToken {
        id: Uuid::now_v7(),
        workspace: HOME,
        name: "CI".into(),
        hash,
        created_by: Some(user),
        expires_at,
    };
    let forever = store.accounts.add_token(new(TOKEN, None)).await.unwrap();
    store.accounts.add_token(new(OTHER, Some(moment(60)))).await.unwrap();
    assert!(store.accounts.token(OTHER, moment(60)).await.unwrap().is_none());
    assert_eq!(store.accounts.token(TOKEN, moment(0)).await.unwrap().unwrap().last_used_at, None);
    store.accounts.token(TOKEN, moment(30)).await.unwrap();
    let noted = store.accounts.token(TOKEN, moment(60)).await.unwrap().unwrap().last_used_at;
    assert_eq!(noted, Some(moment(0)), "once a minute is enough");
    assert_eq!(
        store.accounts.token(TOKEN, moment(61)).await.unwrap().unwrap().last_used_at,
        Some(moment(60))
    );
    assert_eq!(store.accounts.tokens(HOME).await.unwrap().len(), 2);
    let elsewhere = store.accounts.remove_token(WorkspaceId(2), forever.id).await;
    assert!(matches!(elsewhere.unwrap_err(), Error::NotFound(_)));
    store.accounts.remove_token(HOME, forever.id).await.unwrap();
    assert!(store.accounts.token(TOKEN, moment(0)).await.unwrap().is_none());
}

pub(crate) async fn an_address_belongs_to_one_user(backend: &impl Backend) {
    let store = backend.open().await;
    let user = somebody(&store).await;
    assert_eq!(store.accounts.user_by_email("ada@EXAMPLE.com".into()).await.unwrap().unwrap().id, user);
    let twin = NewUser { email: "ADA@example.com".into(), ..ada() };
    let refused = store.accounts.add_user(HOME, Role::Viewer, twin).await.unwrap_err();
    assert_eq!(refused, Error::Conflict("a user with this e-mail address"));
    assert!(store.accounts.user_by_email("bob@example.com".into()).await.unwrap().is_none());
}
