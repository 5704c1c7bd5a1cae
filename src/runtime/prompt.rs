//! Puts a campaign's question on a customer's phone.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::channel::{PromptOut, SendError};
use crate::domain::contact::Language;
use crate::domain::conversation::PromptAnswer;
use crate::domain::phone::Phone;
use crate::domain::target::TargetEvent;
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::text;

use super::{Runtime, clock};

/// How long a prompt may be answered.
const VALID: Duration = Duration::from_secs(24 * 3600);

/// A prompt the gateway took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptSent {
    /// Its id, the same for the same number and campaign.
    pub prompt_id: String,
    /// Whose phone.
    pub to: Phone,
}

impl fmt::Display for PromptSent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "prompt {} was taken by the gateway for {}", self.prompt_id, self.to.masked())
    }
}

/// Why a prompt was not sent.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// No flow names the campaign.
    #[error("no flow has a prompt for the campaign \"{0}\"")]
    UnknownCampaign(String),
    /// The number is not a mobile number.
    #[error("this is not a Vietnamese mobile number")]
    NotMobile,
    /// No channel that can prompt is switched on.
    #[error("no channel that can prompt is configured")]
    NoGateway,
    /// The customer has answered, or asked not to be prompted.
    #[error("{0} is not prompted: {1}")]
    Respected(String, &'static str),
    /// The gateway did not take it.
    #[error("the gateway did not take the prompt ({0})")]
    Gateway(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of asking somebody on a campaign's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Invited {
    /// The gateway took the prompt.
    Sent,
    /// They have answered, or asked not to be prompted.
    Respected,
    /// Nobody is asked at this hour.
    Night,
    /// The gateway did not take it; why.
    Failed(String),
}

/// Whether people on a list may be asked now: from 7:00 to 22:00, Decree 91/2020/ND-CP on advertising messages.
fn is_day(now: Timestamp) -> bool {
    (7 * 60..22 * 60).contains(&now.minute())
}

impl Runtime {
    /// Asks somebody on a campaign's list, at an hour at which one may.
    ///
    /// # Errors
    /// What keeps everybody from being asked.
    pub async fn invite(&self, campaign: &str, phone: &Phone) -> Result<Invited, PromptError> {
        if !is_day(clock::now()) {
            return Ok(Invited::Night);
        }
        match self.prompt(campaign, phone.e164()).await {
            Ok(_) => Ok(Invited::Sent),
            Err(PromptError::Respected(..) | PromptError::NotMobile) => Ok(Invited::Respected),
            Err(PromptError::Gateway(reason)) => Ok(Invited::Failed(reason)),
            Err(error) => Err(error),
        }
    }

    /// Sends the campaign's wording to one number, unless its owner has answered already.
    ///
    /// # Errors
    /// Why it was not sent, for a person.
    pub async fn prompt(&self, campaign: &str, to: &str) -> Result<PromptSent, PromptError> {
        let flows = self.flows();
        let prompt = flows.flows.values().find_map(|flow| flow.entry.prompts.get(campaign));
        let prompt = prompt.ok_or_else(|| PromptError::UnknownCampaign(campaign.to_owned()))?;
        let reading = text::phone::read(to);
        let phone =
            reading.phone.filter(|_| reading.kind == text::phone::PhoneKind::Mobile).ok_or(PromptError::NotMobile)?;
        let (channel, key) = self
            .channels
            .values()
            .find_map(|channel| channel.contact_of(&phone).map(|contact| (channel, contact)))
            .ok_or(PromptError::NoGateway)?;
        if let Some(conversation) = self.store.load(&key.conversation()).await? {
            let refused = |why| Err(PromptError::Respected(phone.masked(), why));
            if conversation.opted_out {
                return refused("the customer asked not to be prompted");
            }
            match conversation.prompts.get(campaign) {
                Some(PromptAnswer::No) => return refused("the customer answered NO"),
                Some(PromptAnswer::Yes) => return refused("the customer answered YES already"),
                None => {}
            }
        }
        let words = prompt.say.on(channel.name(), Language::Vi).render(&|_, _| None);
        let digest = Sha256::new().chain_update(campaign).chain_update([0]).chain_update(phone.e164()).finalize();
        let prompt_id: String =
            std::iter::once("p_".to_owned()).chain(digest[..10].iter().map(|byte| format!("{byte:02x}"))).collect();
        let now = clock::now();
        let out = PromptOut {
            prompt_id: prompt_id.clone(),
            campaign_id: campaign.to_owned(),
            msisdn: phone.e164().trim_start_matches('+').to_owned(),
            text: crate::channel::render::fitted(&words, &channel.limits()),
            valid_until: now.plus(VALID),
        };
        let request = channel.prompt(&out, now).ok_or(PromptError::NoGateway)?;
        let response = self.http.send(request).await.map_err(|code| PromptError::Gateway(code.to_owned()))?;
        channel.receipt(&response).map_err(|error: SendError| PromptError::Gateway(error.to_string()))?;
        self.mark_target(campaign, &phone, TargetEvent::Invited).await?;
        Ok(PromptSent { prompt_id, to: phone })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_asked_between_ten_in_the_evening_and_seven() {
        let at = |time: &str| is_day(Timestamp::parse_rfc3339(&format!("2026-11-26T{time}+07:00")).unwrap());
        assert_eq!(["06:59:59", "07:00:00", "21:59:59", "22:00:00"].map(at), [false, true, true, false]);
    }
}
