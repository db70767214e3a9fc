//! Waiting for a lock that another process has: not in silence, and not without end.

use std::time::{Duration, Instant};

use tdata_postgres::Refusal;

use crate::notice::Notices;

/// How long somebody waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// The pause between two attempts.
    pub(super) pause: Duration,
    /// Until it is said what is waited for.
    pub(super) notice: Duration,
    /// Until it is given up: longer than the migrations and the rows of large projects take.
    pub(super) end: Duration,
}

impl Patience {
    /// Of those that prepare data, which others prepare just now.
    pub(super) const USUAL: Self = Self {
        pause: Duration::from_millis(5),
        notice: Duration::from_secs(20),
        end: Duration::from_secs(60 * 60),
    };

    /// Waits until `is_free`, which takes the lock of a name if nobody has it.
    pub(super) fn wait(
        self,
        name: &str,
        notices: &Notices,
        mut is_free: impl FnMut() -> Result<bool, Refusal>,
    ) -> Result<(), Refusal> {
        let start = Instant::now();
        let mut is_told = false;
        while !is_free()? {
            if start.elapsed() > self.end {
                return Err(Refusal::of_shortage(format!(
                    "another process has been preparing the same data for {} minutes (lock `{name}`)\n\
                     End that process if it hangs",
                    self.end.as_secs() / 60
                )));
            }
            if start.elapsed() > self.notice && !std::mem::replace(&mut is_told, true) {
                notices.say(format_args!(
                    "waits for another process, which prepares the same data (lock `{name}`)"
                ));
            }
            std::thread::sleep(self.pause);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn what_is_waited_for_is_told_and_given_up_in_the_end() {
        let (sender, notices) = channel();
        let sink = Notices::to(move |text| sender.send(text.to_owned()).unwrap());
        let pause = Duration::from_millis(1);
        let patience = Patience { pause, notice: Duration::ZERO, end: Duration::from_millis(50) };
        let refusal = patience.wait("template_a", &sink, || Ok(false)).unwrap_err();
        assert!(refusal.to_string().contains("`template_a`"), "{refusal}");
        let told: Vec<String> = notices.try_iter().collect();
        assert!(told.len() == 1 && told[0].contains("waits for another process"), "{told:?}");
        Patience::USUAL.wait("template_a", &sink, || Ok(true)).unwrap();
    }
}
