mod place;
mod refused;
mod reserved;
mod shape;
mod table;

use switchover_syntax::nearest;

pub use place::Place;
pub use refused::{REFUSED, Refused};
pub(crate) use reserved::is_reserved;
pub use shape::Shape;
pub(crate) use shape::is_template;
pub use table::KEYWORDS;

/// A word of the language: where it may stand and what its value looks like.
#[derive(Clone, Copy, Debug)]
pub struct Keyword {
    pub name: &'static str,
    pub places: Place,
    pub shape: Shape,
    /// What it means, as a fragment of a sentence.
    pub doc: &'static str,
}

impl Keyword {
    /// Returns the keyword of this name, wherever it may stand.
    pub fn find(name: &str) -> Option<&'static Self> {
        KEYWORDS.binary_search_by(|keyword| keyword.name.cmp(name)).ok().map(|index| &KEYWORDS[index])
    }

    /// Returns the keyword of this name that may stand here.
    pub fn find_in(name: &str, place: Place) -> Option<&'static Self> {
        Self::find(name).filter(|keyword| place.is_in(keyword.places))
    }

    /// Returns the keyword of this place whose name is nearest to a misspelt one.
    pub fn nearest(name: &str, place: Place) -> Option<&'static str> {
        nearest(name, KEYWORDS.iter().filter(|k| place.is_in(k.places)).map(|k| k.name))
    }
}

impl Refused {
    /// Returns the refused word of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        REFUSED.iter().find(|word| word.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_so_that_it_can_be_searched() {
        assert!(KEYWORDS.is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn no_word_is_both_known_and_refused() {
        let both: Vec<_> = REFUSED.iter().filter(|word| Keyword::find(word.name).is_some()).collect();
        assert!(both.is_empty(), "{both:?}");
    }

    #[test]
    fn when_belongs_to_tasks_and_not_to_plays() {
        assert!(Keyword::find_in("when", Place::TASK).is_some());
        assert!(Keyword::find_in("when", Place::PLAY).is_none());
    }
}
