//! One list of keys, from which the typed structs, their loading and their documentation are made.

use super::kinds::{Kind, Shape};

/// A setting as the documentation and the sources know it.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name, as `section.key`.
    pub path: &'static str,
    /// Its default as it would be written in the environment.
    pub default: Option<&'static str>,
    /// What it means.
    pub meaning: &'static str,
    /// What its section is about.
    pub about: &'static str,
    /// What may be written.
    pub allowed: &'static str,
    /// Whether it is masked, and may stand in a file of its own.
    pub secret: bool,
    /// How it is written in the environment.
    pub shape: Shape,
    /// The words that are allowed, where there are only some.
    pub words: &'static [&'static str],
}

impl Key {
    pub(super) const fn of<K: Kind>(
        path: &'static str,
        default: Option<&'static str>,
        [about, meaning]: [&'static str; 2],
    ) -> Self {
        Self { path, default, meaning, about, allowed: K::ALLOWED, secret: K::SECRET, shape: K::SHAPE, words: K::WORDS }
    }

    /// The environment variable that sets it.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("FIRSTCALL__{}", self.path.to_uppercase().replace('.', "__"))
    }

    /// The section it belongs to, without the key.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(section, _)| section)
    }
}

/// Declares a section: a struct whose fields are its keys. Each line is `key: Type as HowItIsWritten = "default"`, the
/// default in the form it has in the environment; sections inside it follow after `sections`.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident at $section:literal {
            $($(#[doc = $meaning:literal])+ $key:ident: $type:ty as $kind:ty $(= $default:literal)?,)*
        }
        $(sections { $($(#[doc = $inner_about:literal])+ $inner:ident: $inner_type:ident,)+ })?
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[doc = $meaning])+ pub $key: $type,)*
            $($($(#[doc = $inner_about])+ pub $inner: $inner_type,)+)?
        }

        impl $name {
            pub(super) fn keys_into(keys: &mut Vec<$crate::settings::Key>) {
                const ABOUT: &str = concat!($($about),+);
                $(keys.push($crate::settings::Key::of::<$kind>(
                    concat!($section, ".", stringify!($key)),
                    { let default: &'static [&'static str] = &[$($default)?]; default.first().copied() },
                    [ABOUT, concat!($($meaning),+)],
                ));)*
                $($($inner_type::keys_into(keys);)+)?
            }

            pub(super) fn read(
                sources: &mut $crate::settings::sources::Sources<'_>,
            ) -> Result<Self, $crate::settings::SettingsError> {
                Ok(Self {
                    $($key: sources.take::<$kind>(concat!($section, ".", stringify!($key)))?,)*
                    $($($inner: $inner_type::read(sources)?,)+)?
                })
            }
        }
    };
}

pub(super) use section;
