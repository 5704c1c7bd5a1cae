//! Keeps the persistent menus on the platforms as the flows in force have them. A menu is a convenience: one
//! that a platform does not take is told to the operator and holds up nothing.

use std::sync::Arc;

use crate::channel::{Channel, SendError};
use crate::domain::id::AccountId;
use crate::domain::message::Choice;
use crate::engine;

use super::Runtime;

impl Runtime {
    /// Shows the menu at the start and whenever other flows change it, until the server stops. A menu that
    /// was never ours is not taken away.
    pub(super) async fn keep_menus(self: Arc<Self>) {
        let mut shown = Vec::new();
        loop {
            let menu = engine::menu(&self.flows());
            tokio::select! {
                () = self.closing.cancelled() => return,
                () = self.show_menu(&menu), if menu != shown => shown = menu,
                () = self.in_force.changed.notified(), if menu == shown => {}
            }
        }
    }

    async fn show_menu(&self, menu: &[Choice]) {
        for (name, account) in self.settings.tokens.keys() {
            // Asked first: a token may have to be renewed, and that spends one.
            let Some(channel) = self.channels.get(name).filter(|channel| channel.has_menu()) else { continue };
            if let Err(error) = self.try_menu(channel.as_ref(), account, menu).await {
                tracing::warn!(channel = %name, %account, %error, "the platform did not take the menu");
            }
        }
    }

    async fn try_menu(&self, channel: &dyn Channel, account: &AccountId, menu: &[Choice]) -> Result<(), SendError> {
        let token = self.token(channel, account).await?;
        let request = channel.menu(account, menu, &token);
        let request = request.ok_or_else(|| SendError::Halt { code: "no request can be made of it".to_owned() })?;
        let answer = self.http.send(request).await;
        let answer = answer.map_err(|code| SendError::Retry { after: None, code: code.to_owned() })?;
        if answer.status().is_success() { Ok(()) } else { channel.receipt(&answer).map(|_| ()) }
    }
}
