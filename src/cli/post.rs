//! `thoai post`: posts a recorded sample to a running server, signed with the configured secret.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::channel::{signature, zalo};
use crate::config::Config;
use crate::runtime::clock;

/// Arguments of `thoai post`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// A sample, `webhooks/CHANNEL/inbound/NAME.json`.
    sample: PathBuf,
    /// The running server [default: http:// and server.listen].
    #[arg(long)]
    to: Option<String>,
}

/// `thoai post`
pub(super) fn run(config: Option<&Path>, options: &Options) -> anyhow::Result<u8> {
    let config = super::open::config(config)?;
    let body = std::fs::read(&options.sample).with_context(|| format!("cannot read {}", options.sample.display()))?;
    // .../webhooks/<channel>/inbound/<name>.json
    let channel =
        options.sample.parent().and_then(Path::parent).and_then(Path::file_name).and_then(|name| name.to_str());
    let channel = channel.context("the sample does not lie in webhooks/<channel>/inbound/")?.to_owned();
    let (body, headers) = signed(&config, &channel, body)?;
    let base = options.to.clone().unwrap_or_else(|| format!("http://{}", config.listen));
    let _ = rustls::crypto::ring::default_provider().install_default();
    super::control::block_on(async {
        let mut request = reqwest::Client::new().post(format!("{base}/webhooks/{channel}")).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.send().await.context("the server did not answer")?;
        let status = response.status();
        println!("{status}\n{}", response.text().await?);
        Ok(u8::from(!status.is_success()))
    })
}

/// Names and values of headers.
type Headers = Vec<(&'static str, String)>;

/// The body and the headers that prove it, as the platform would send them.
fn signed(config: &Config, channel: &str, body: Vec<u8>) -> anyhow::Result<(Vec<u8>, Headers)> {
    let now = clock::now();
    Ok(match channel {
        "messenger" => {
            let settings = config.messenger.as_ref().context("channels.messenger is not configured")?;
            let signature = signature::sign_messenger(&settings.app_secret, &body);
            (body, vec![("x-hub-signature-256", signature)])
        }
        "zalo" => {
            let settings = config.zalo.as_ref().context("channels.zalo is not configured")?;
            // The signature covers the sample's moment, and an old one is refused.
            let body = zalo::restamped(&body, now).context("the sample holds no timestamp")?.to_vec();
            let signature = signature::sign_zalo(&settings.app_id, &settings.oa_secret_key, &body);
            (body, vec![("x-zevent-signature", signature.context("the sample holds no timestamp")?)])
        }
        "liveinfo" => {
            let settings = config.liveinfo.as_ref().context("channels.liveinfo is not configured")?;
            let secret = signature::standard_secret(settings.secret.expose())
                .context("channels.liveinfo.secret cannot be read")?;
            let id = format!("msg_{:x}", u64::from_be_bytes(clock::random()));
            let signature = signature::sign_standard(&secret, &id, now.seconds(), &body);
            let timestamp = now.seconds().to_string();
            (body, vec![("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signature)])
        }
        other => bail!("samples of the channel \"{other}\" cannot be posted"),
    })
}
