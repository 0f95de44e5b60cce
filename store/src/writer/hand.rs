//! What the writer has taken from the queues and not begun yet.

use super::Work;
use super::errand::Errand;
use super::job::Job;
use super::pending::Pending;
use tokio::sync::oneshot;

/// See the [module](self).
pub(super) struct Hand<C> {
    /// In the order they came; first those that had more to do than one batch allows.
    pub(super) turns: Vec<Pending>,
    pub(super) jobs: Vec<Box<dyn Job<C>>>,
    pub(super) errands: Vec<Errand>,
    pub(super) lonely: Vec<Box<dyn Job<C>>>,
    /// Who wants to know when everything is written and the connection closed.
    pub(super) closing: Vec<oneshot::Sender<()>>,
}

impl<C> Hand<C> {
    pub(super) fn new() -> Self {
        Self {
            turns: Vec::new(),
            jobs: Vec::new(),
            errands: Vec::new(),
            lonely: Vec::new(),
            closing: Vec::new(),
        }
    }

    /// Whether there is nothing to be written.
    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty() && !self.has_others()
    }

    /// How much there is to be written.
    pub(super) fn len(&self) -> usize {
        self.turns.len() + self.jobs.len() + self.errands.len() + self.lonely.len()
    }

    /// Whether something waits that is no turn: it is done when nothing else is under way.
    fn has_others(&self) -> bool {
        !(self.jobs.is_empty() && self.errands.is_empty() && self.lonely.is_empty())
    }

    /// Whether what comes next has to be done when nothing else is under way, so that nothing may go before it any more.
    pub(super) fn waits_for_quiet(&self) -> bool {
        self.has_others() || self.turns.first().is_some_and(|turn| turn.undecided.is_some())
    }

    /// Whether a turn has lead operations to be performed; all else about turns is quickly done when they are written.
    pub(super) fn has_operations(&self) -> bool {
        self.turns.iter().any(Pending::has_operations)
    }

    /// Takes `work` in; true when it asks for the end.
    pub(super) fn take(&mut self, work: Work<C>) -> bool {
        match work {
            Work::Turn(turn) => self.turns.push(*turn),
            Work::Job(job) => self.jobs.push(job),
            Work::Errand(errand) => self.errands.push(*errand),
            Work::Alone(job) => self.lonely.push(job),
            Work::Close(answer) => {
                self.closing.push(answer);
                return true;
            }
        }
        false
    }

    /// Whether there are turns that can be worked out beside a batch that is being written.
    pub(super) fn has_plain_turns(&self) -> bool {
        !self.waits_for_quiet() && !self.turns.is_empty()
    }

    /// Takes these out, `most` at most: up to the first on which rules decide, because those look at what is on disk.
    pub(super) fn take_plain_turns(&mut self, most: usize) -> Vec<Pending> {
        let plain = self.turns.iter().take(most).take_while(|turn| turn.undecided.is_none()).count();
        self.turns.drain(..plain).collect()
    }
}
