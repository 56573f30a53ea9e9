//! The delivery port.

mod slices;
