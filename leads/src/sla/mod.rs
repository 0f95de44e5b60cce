//! How quickly owners have to take care of leads: policies, the clocks that follow from them, and what is to be expected
//! of today.
//!
//! When a lead gets an owner, the first policy that fits it starts up to two clocks: one until the owner *accepts* the
//! lead, one until the *first response*. They count working hours of that owner, in that owner's time zone. A clock warns
//! before it is due, reminds, and when it is breached hands the lead on or tells somebody else, as its policy says.
//!
//! A clock carries all that it needs: a policy or hours that are changed later change only clocks that start later.

mod clock;
mod forecast;
mod policy;
#[cfg(test)]
mod tests;

pub use clock::{Clock, ClockKind, ClockState, Happening, Start, View};
pub use forecast::{Forecast, HourLoad, OwnerRisk, PastRate, forecast};
pub use policy::{OnBreach, Reassign, SlaPolicy, Target, first_that_fits};
