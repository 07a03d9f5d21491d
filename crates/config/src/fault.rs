use std::fmt;

/// The exit code of a process whose settings are at fault: `EX_CONFIG` of sysexits.
pub const EXIT_CONFIG: u8 = 78;

/// One setting that cannot be used. It never holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The environment variable.
    pub variable: String,
    /// What is wrong with it, as the rest of a sentence that begins with the variable.
    pub reason: String,
    /// A value that would do, where one can be named.
    pub example: Option<&'static str>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.variable, self.reason)?;
        match self.example {
            Some(example) => write!(f, " (example: {example})"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with the settings, at once: nobody should have to start a process five times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// The faults, in the order in which the settings are documented.
    pub fn list(&self) -> &[Fault] {
        &self.0
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn say(&mut self, variable: impl Into<String>, reason: impl Into<String>) {
        self.0.push(Fault { variable: variable.into(), reason: reason.into(), example: None });
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
