//! What the network reports of a fetch.

use bytes::Bytes;
use crossing::browser::Response;
use tokio::sync::mpsc::UnboundedSender;

use crate::conversation::Conversation;

/// The number of a conversation.
pub(crate) type FetchId = u32;

/// What is known of the request's body when the conversation comes to a head or an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestBodySent {
    Yes,
    No,
}

/// What the network says of a conversation.
#[derive(Debug)]
pub(crate) enum NetworkEvent {
    Head(Box<Response>, RequestBodySent),
    Chunk(Bytes),
    End,
    /// So many bytes of the request's body have gone out.
    UploadProgress(u64),
    /// All of it has.
    UploadEnded,
    /// The next piece of the request's body is wanted.
    UploadChunkWanted,
    Failed(RequestBodySent),
    Conversation(Box<Conversation>),
    /// Nothing: a wait is to end.
    Wakeup,
}

/// The way on which news come.
pub(crate) type EventSender = UnboundedSender<(FetchId, NetworkEvent)>;
