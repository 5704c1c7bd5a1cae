//! What we send with. Most tokens are good until revoked; some expire and are traded for a new pair by a
//! refresh token that works exactly once, so a new pair is durable before it is used.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::channel::{Channel, SendError, Token};
use crate::domain::id::{AccountId, ChannelName};
use crate::domain::time::Timestamp;
use crate::store::{StoreError, token_name};

use super::{AccountToken, Runtime, clock};

/// One renewal at a time for each account: two at once would spend the same refresh token.
#[derive(Default)]
pub(super) struct Tokens {
    renewing: Mutex<HashMap<(ChannelName, AccountId), Turnstile>>,
}

/// Lets one renewal through at a time.
type Turnstile = Arc<tokio::sync::Mutex<()>>;

/// A pair as it is kept.
#[derive(Clone, Serialize, Deserialize)]
struct Pair {
    access: Token,
    refresh: Token,
    expires: Timestamp,
    /// The refresh token in the configuration that this pair descends from: a new one there starts over.
    seed: String,
}

impl Runtime {
    /// The token to send with.
    pub(super) async fn token(&self, channel: &dyn Channel, account: &AccountId) -> Result<Token, SendError> {
        match self.settings.tokens.get(&(channel.name().clone(), account.clone())) {
            Some(AccountToken::Fixed(token)) => Ok(token.clone()),
            Some(AccountToken::Refresh(seed)) => {
                let (pair, _) = self.pair(channel.name(), account, seed).await?;
                match pair {
                    Some(pair) if pair.expires > clock::now() => Ok(pair.access),
                    other => {
                        let failing = other.map_or_else(|| Token::new(""), |pair| pair.access);
                        self.renew(channel, account, &failing).await
                    }
                }
            }
            None => Err(SendError::Halt { code: "no token is configured for this account".to_owned() }),
        }
    }

    /// Renews what has run out on accounts that have nothing to send: a refresh token that is not used
    /// for months dies, and a person would have to grant access again.
    pub(super) async fn renew_idle(&self) {
        let renewable = self
            .settings
            .tokens
            .iter()
            .filter(|(_, token)| matches!(token, AccountToken::Refresh(_)))
            .map(|(at, _)| at);
        for (name, account) in renewable {
            let Some(channel) = self.channels.get(name) else { continue };
            if let Err(error) = self.token(channel.as_ref(), account).await {
                tracing::warn!(channel = %name, %account, %error, "the account's token cannot be renewed");
            }
        }
    }

    /// Trades the refresh token for a new pair, unless somebody has done so since `failing` was read.
    pub(super) async fn renew(
        &self,
        channel: &dyn Channel,
        account: &AccountId,
        failing: &Token,
    ) -> Result<Token, SendError> {
        let halt = |code: &str| SendError::Halt { code: code.to_owned() };
        let place = (channel.name().clone(), account.clone());
        let Some(AccountToken::Refresh(seed)) = self.settings.tokens.get(&place) else {
            return Err(halt("the token was refused and cannot be renewed"));
        };
        let lock =
            Arc::clone(self.tokens.renewing.lock().unwrap_or_else(PoisonError::into_inner).entry(place).or_default());
        let one_at_a_time = lock.lock().await;
        let (pair, stored) = self.pair(channel.name(), account, seed).await?;
        if let Some(pair) = &pair
            && pair.access != *failing
            && pair.expires > clock::now()
        {
            return Ok(pair.access.clone());
        }
        let refresh = pair.map_or_else(|| seed.clone(), |pair| pair.refresh);
        let request = channel.renewal(account, &refresh).ok_or_else(|| halt("this channel renews no tokens"))?;
        let retry = |code: &str| SendError::Retry { after: None, code: code.to_owned() };
        let response = self.http.send(request).await.map_err(retry)?;
        if response.status().is_server_error() {
            return Err(retry("the token server is not available"));
        }
        let renewed =
            channel.renewed(&response).ok_or_else(|| halt("the refresh token was refused: grant access again"))?;
        let fresh = Pair {
            access: renewed.access.clone(),
            refresh: renewed.refresh,
            // A little early, so that a message does not set out with a token that dies on the way.
            expires: clock::now().plus(renewed.valid.mul_f64(0.8)),
            seed: fingerprint(seed),
        };
        let bytes = serde_json::to_vec(&fresh).expect("a pair of texts serialises");
        let name = token_name(channel.name(), account);
        self.store.replace(&name, stored.as_deref(), &bytes).await.map_err(unavailable)?;
        drop(one_at_a_time);
        Ok(renewed.access)
    }

    /// The pair kept for the account, if it descends from the configured seed, and the bytes stored.
    async fn pair(
        &self,
        channel: &ChannelName,
        account: &AccountId,
        seed: &Token,
    ) -> Result<(Option<Pair>, Option<Vec<u8>>), SendError> {
        let stored = self.store.get(&token_name(channel, account)).await.map_err(unavailable)?;
        let pair = stored.as_deref().and_then(|bytes| serde_json::from_slice::<Pair>(bytes).ok());
        Ok((pair.filter(|pair| pair.seed == fingerprint(seed)), stored))
    }
}

fn fingerprint(seed: &Token) -> String {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(seed.expose());
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &hash[..12])
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn unavailable(error: StoreError) -> SendError {
    SendError::Retry { after: None, code: error.to_string() }
}
