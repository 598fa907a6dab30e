//! Gateway API
