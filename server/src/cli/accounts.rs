//! `trunkline token` and `trunkline user`: keys and passwords, from the machine that holds the data folder.

use super::remote::{Remote, Target};
use super::{Exit, print};
use crate::auth::password;
use crate::config::Config;
use anyhow::{Context, bail};
use serde_json::json;
use std::io::{BufRead, IsTerminal};
use trunkline_connectors::Method;

/// What to do with API tokens.
#[derive(Debug, clap::Subcommand)]
pub enum Token {
    /// Make a token and print it; it is shown only this once
    Create {
        /// What people call it
        #[arg(long, default_value = "Command line")]
        name: String,
        /// Days it lasts; for ever when left out
        #[arg(long)]
        days: Option<u32>,
        /// The server
        #[command(flatten)]
        target: Target,
    },
    /// List tokens, without their secrets
    List {
        /// The server
        #[command(flatten)]
        target: Target,
    },
    /// End a token
    Delete {
        /// Id of the token
        id: uuid::Uuid,
        /// The server
        #[command(flatten)]
        target: Target,
    },
}

/// What to do with users.
#[derive(Debug, clap::Subcommand)]
pub enum User {
    /// Set a new password, read from standard input; ends the user's sessions
    Password {
        /// E-mail address of the user
        email: String,
        /// Data folder of the server on this machine
        #[arg(long, env = "TRUNKLINE_DATA", value_name = "DIR")]
        data: Option<std::path::PathBuf>,
    },
}

/// `trunkline token`.
///
/// # Errors
/// When the server cannot be asked or refuses.
pub async fn token(wanted: &Token) -> anyhow::Result<Exit> {
    match wanted {
        Token::Create { name, days, target } => {
            let mut remote = Remote::open(target)?;
            let made = remote.send(Method::POST, "/tokens", &json!({ "name": name, "days": days })).await?;
            print(made["token"].as_str().unwrap_or_default())?;
        }
        Token::List { target } => {
            let list = Remote::open(target)?.get("/tokens").await?;
            for token in list["items"].as_array().into_iter().flatten() {
                let text = |field: &str| token[field].as_str().unwrap_or("never").to_owned();
                print(&format!("{}  {}  last used {}", text("id"), text("name"), text("last_used_at")))?;
            }
        }
        Token::Delete { id, target } => {
            Remote::open(target)?.send(Method::DELETE, &format!("/tokens/{id}"), &json!({})).await?;
        }
    }
    Ok(Exit::Done)
}

/// `trunkline user`. Works on the data folder, so that someone who is locked out can get in again.
///
/// # Errors
/// When there is no such user, the password is too short, or the folder cannot be used.
pub async fn user(wanted: User, config: Config) -> anyhow::Result<Exit> {
    let User::Password { email, .. } = wanted;
    let store = crate::serve::open_store(&config).await?;
    let user = store.accounts.user_by_email(email.trim().to_lowercase()).await?;
    let Some(user) = user else { bail!("AUTH-0003: there is no user with the e-mail address {email}") };
    if std::io::stdin().is_terminal() {
        print("New password (it is shown while you type; or pipe it in):")?;
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password could not be read")?;
    let new = line.trim_end_matches(['\r', '\n']).to_owned();
    if !password::is_acceptable(&new) {
        let (min, max) = (password::MIN_CHARACTERS, password::MAX_CHARACTERS);
        bail!("AUTH-0007: the password must have {min} to {max} characters");
    }
    store.accounts.set_password(user.id, password::hash(new).await).await?;
    store.close().await?;
    print(&format!("{} has a new password; every session of theirs is ended", user.email))?;
    Ok(Exit::Done)
}
