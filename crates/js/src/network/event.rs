//! What the network reports of a fetch.

use bytes::Bytes;
use crossing::browser::Response;
use tokio::sync::mpsc::UnboundedSender;

use crate::conversation::Conversation;

/// The number of a fetch.
pub(crate) type FetchId = u32;

/// Whether the request's body was sent, as far as the head or the failure of a fetch tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestBodySent {
    Yes,
    No,
}

/// What the network reports of a fetch.
#[derive(Debug)]
pub(crate) enum NetworkEvent {
    Head(Box<Response>, RequestBodySent),
    Chunk(Bytes),
    End,
    /// This many bytes of the request's body were sent.
    UploadProgress(u64),
    /// All of it was sent.
    UploadEnded,
    /// The next chunk of a streamed request body is wanted.
    UploadChunkWanted,
    Failed(RequestBodySent),
    /// The fetch, for the program that runs the script.
    Conversation(Box<Conversation>),
    /// Nothing happened: a wait has to end.
    Wakeup,
}

/// Where events are put.
pub(crate) type EventSender = UnboundedSender<(FetchId, NetworkEvent)>;
