//! Real browsers as the judge: the conformance suite, played in Chromium, Firefox and WebKit.
//!
//! A [`Player`] starts a browser with a fresh profile. Whatever the browser asks for goes to one small proxy on loopback,
//! behind which every symbolic origin is scripted, over http and over https; a page of ours asks as the scenario says, and
//! reports what a script sees.

mod browser;
mod certificate;
mod naming;
mod own;
mod page;
mod play;
mod playable;
mod player;
mod random;
mod raw;
mod rig;
mod rig_error;
mod server;
mod share;
mod stage;

pub use browser::{Engine, end_browsers};
pub use own::OwnPlayer;
pub use player::Player;
pub use random::{Disagreement, Random, RandomReport};
pub use rig_error::RigError;
