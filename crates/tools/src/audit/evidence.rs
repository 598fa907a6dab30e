//! What came back.

use super::probe::{Asker, Exchange, Shape, Special};

/// The exchanges with one target, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence(Vec<Exchange>);

impl Evidence {
    pub(crate) fn add(&mut self, exchange: Exchange) {
        self.0.push(exchange);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Exchange> {
        self.0.iter()
    }

    /// The exchanges of one shape.
    pub(crate) fn shaped(&self, shape: Shape) -> impl Iterator<Item = &Exchange> {
        self.0.iter().filter(move |exchange| exchange.probe.shape == shape)
    }

    /// The first exchange of a shape by somebody.
    pub(crate) fn of<'a>(&'a self, shape: Shape, asker: &'a Asker) -> Option<&'a Exchange> {
        self.all_of(shape, asker).next()
    }

    /// All of them: repeated probes.
    pub(crate) fn all_of<'a>(&'a self, shape: Shape, asker: &'a Asker) -> impl Iterator<Item = &'a Exchange> {
        self.shaped(shape).filter(move |exchange| exchange.probe.asker == *asker)
    }

    pub(crate) fn special(&self, special: Special) -> Option<&Exchange> {
        self.shaped(Shape::Special(special)).next()
    }

    /// The exchanges in which both strangers were granted, if they were.
    pub(crate) fn reflected(&self, shape: Shape) -> Option<[&Exchange; 2]> {
        let stranger = |n: u8| {
            self.shaped(shape).find(|e| e.probe.asker == Asker::Stranger(n)).filter(|e| e.grants_this())
        };
        Some([stranger(1)?, stranger(2)?])
    }
}
