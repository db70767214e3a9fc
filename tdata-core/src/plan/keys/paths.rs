//! Which parents' rows a dataset's rows are told apart by, so that keys which share columns agree.
//!
//! A key leads to a parent's row on a way: first to the rows that the parent's own rows belong to, and last to the
//! parent's row. A key (tenant_id, user_id) leads to a tenant, and to a user of this tenant. Keys that share columns
//! share the beginning of their ways: this is their path. A row gets its place on the path first. Then each key
//! chooses among the parent's rows that belong there.

use super::shape::{KeyShape, Refusal, Shape, Unlisted};
use crate::generate::Distribution;

/// The longest path.
pub(super) const DEEPEST: usize = 6;

/// A step of a way: a choice among rows of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// The dataset whose rows are the classes.
    pub(super) class: usize,
    /// The columns whose values the class gives, each with the column of the class.
    pub(super) columns: Vec<(usize, usize)>,
    /// The columns of the class that tell which it is.
    pub(super) identity: Vec<usize>,
}

/// How the keys of a dataset choose rows.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    pub(super) keys: Vec<Way>,
    pub(super) paths: Vec<Path>,
    /// The path by which other datasets can list the rows, or why there is none.
    pub(super) dealt: Result<usize, Unlisted>,
}

/// The common beginning of the ways of some keys.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub(super) levels: Vec<Level>,
    pub(super) keys: Vec<usize>,
}

/// How a key chooses its parent's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Among all.
    Free,
    /// Another key chooses for it: what that one's row references.
    Within(usize),
    /// The path leads to the row: it has so many levels.
    Class { path: usize, depth: usize },
    /// Among the parent's rows that belong to the class so many levels down a path.
    Leaf { path: usize, depth: usize },
}

/// Finds the paths of a dataset. `listed` are the levels by which the rows of others can be listed, and `circular` says
/// of which datasets these are not known yet because they depend on this one. With `is_shallow`, unique groups get no
/// more levels than they need to be kept apart.
pub(super) fn paths(
    shapes: &[Shape],
    dataset: usize,
    listed: &[Vec<Level>],
    circular: &[bool],
    is_shallow: bool,
) -> Result<Paths, Vec<Refusal>> {
    let mut finder = Finder {
        is_shallow,
        shapes,
        shape: &shapes[dataset],
        listed,
        circular,
        found: Paths {
            keys: vec![Way::Free; shapes[dataset].keys.len()],
            paths: Vec::new(),
            dealt: Err(Unlisted::Undeclared),
        },
    };
    let refused: Vec<Refusal> =
        finder.families().into_iter().filter_map(|family| finder.family(&family).err()).collect();
    if refused.is_empty() { Ok(finder.found) } else { Err(refused) }
}

/// Joins keys to datasets in a circle to the paths, once these are known for all of them.
pub(super) fn join_circular(
    shapes: &[Shape],
    dataset: usize,
    listed: &[Vec<Level>],
    circular: &[bool],
    paths: &mut Paths,
) -> Vec<Refusal> {
    let shape = &shapes[dataset];
    let mut refused = Vec::new();
    for at in (0..shape.keys.len()).filter(|key| circular[shape.keys[*key].parent]) {
        let key = &shape.keys[at];
        let shared = key.columns.iter().filter(|column| shape.keys_of(**column).count() > 1);
        let shared: Vec<usize> = shared.copied().collect();
        let Some(first) = shared.first() else { continue };
        let way = way(key, &listed[key.parent]);
        let joined = paths.paths.iter().position(|path| {
            shared.iter().all(|column| agrees(&way, &path.levels, *column).is_some())
        });
        match joined {
            Some(path) => {
                let levels = shared
                    .iter()
                    .filter_map(|column| agrees(&way, &paths.paths[path].levels, *column));
                let depth = levels.max().unwrap_or(0);
                paths.keys[at] = Way::Leaf { path, depth };
                paths.paths[path].keys.push(at);
            }
            None => {
                let other = shape.keys_of(*first).find(|other| *other != at).unwrap_or(at);
                refused.push(Refusal::Disagree { column: *first, keys: [at, other] });
            }
        }
    }
    refused
}

/// The way of a key: over the levels of its parent that its columns identify, to the parent's row.
fn way(key: &KeyShape, listed: &[Level]) -> Vec<Level> {
    let mut left: Vec<(usize, usize)> =
        key.columns.iter().copied().zip(key.referenced.iter().copied()).collect();
    let mut way = Vec::new();
    for level in listed {
        let of_class = |referenced: usize| {
            level.columns.iter().find(|(column, _)| *column == referenced).map(|(_, class)| *class)
        };
        let columns: Vec<(usize, usize)> = left
            .iter()
            .filter_map(|(own, referenced)| Some((*own, of_class(*referenced)?)))
            .collect();
        let known = |column: &usize| columns.iter().any(|(_, class)| class == column);
        if columns.is_empty() || !level.identity.iter().all(known) {
            break;
        }
        left.retain(|(_, referenced)| of_class(*referenced).is_none());
        way.push(Level { class: level.class, columns, identity: level.identity.clone() });
    }
    if !left.is_empty() {
        let identity = left.iter().map(|(_, referenced)| *referenced).collect();
        way.push(Level { class: key.parent, columns: left, identity });
    }
    way
}

/// Returns behind how many levels a way and a path have given a column its value, if they agree up to there.
fn agrees(way: &[Level], path: &[Level], column: usize) -> Option<usize> {
    let given = |level: &Level| {
        level.columns.iter().find(|(own, _)| *own == column).map(|(_, class)| *class)
    };
    for (depth, (one, other)) in way.iter().zip(path).enumerate() {
        if one.class != other.class {
            return None;
        }
        match (given(one), given(other)) {
            (None, None) => {}
            (one, other) => return (one == other).then_some(depth + 1),
        }
    }
    None
}

struct Finder<'a> {
    is_shallow: bool,
    shapes: &'a [Shape],
    shape: &'a Shape,
    listed: &'a [Vec<Level>],
    circular: &'a [bool],
    found: Paths,
}

impl Finder<'_> {
    /// The keys in families: those of a family share columns, with one another or in turns.
    fn families(&self) -> Vec<Vec<usize>> {
        let mut families: Vec<Vec<usize>> = Vec::new();
        for key in 0..self.shape.keys.len() {
            let shares = |other: &usize| {
                let columns = &self.shape.keys[*other].columns;
                columns.iter().any(|column| self.shape.keys[key].columns.contains(column))
            };
            let (mut related, others): (Vec<_>, Vec<_>) =
                families.into_iter().partition(|family| family.iter().any(shares));
            let mut family = vec![key];
            related.iter_mut().for_each(|keys| family.append(keys));
            family.sort_unstable();
            families = others;
            families.push(family);
        }
        families.sort();
        families
    }

    /// Arranges the keys of a family.
    fn family(&mut self, family: &[usize]) -> Result<(), Refusal> {
        // Keys to datasets in a circle join a path that the others make.
        let keys: Vec<usize> = family
            .iter()
            .copied()
            .filter(|key| !self.circular[self.shape.keys[*key].parent])
            .collect();
        let ways: Vec<(usize, Vec<Level>)> = keys
            .iter()
            .map(|key| {
                let shape = &self.shape.keys[*key];
                (*key, way(shape, &self.listed[shape.parent]))
            })
            .collect();
        let within: Vec<(usize, usize)> =
            keys.iter().filter_map(|key| Some((*key, self.implied(*key, &keys)?))).collect();
        let is_free = keys.len() == family.len() && self.is_free_without(&keys, &within);
        let wanted = self.wanted(&ways);
        if is_free && wanted.is_none() {
            within.iter().for_each(|(key, other)| self.found.keys[*key] = Way::Within(*other));
            return Ok(());
        }
        match self.path(family, &ways, wanted) {
            Ok(()) => Ok(()),
            Err(_) if is_free => {
                within.iter().for_each(|(key, other)| self.found.keys[*key] = Way::Within(*other));
                if self.found.dealt == Err(Unlisted::Undeclared) {
                    self.found.dealt = Err(Unlisted::Disagree);
                }
                Ok(())
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// Returns the key that gives another one what it needs: its parent has a key that leads to the same row.
    fn implied(&self, at: usize, keys: &[usize]) -> Option<usize> {
        let key = &self.shape.keys[at];
        keys.iter().copied().filter(|other| *other != at).find(|other| {
            let larger = &self.shape.keys[*other];
            let through = |column: &usize| {
                let place = larger.columns.iter().position(|own| own == column)?;
                larger.referenced.get(place).copied()
            };
            let Some(through) = key.columns.iter().map(through).collect::<Option<Vec<usize>>>()
            else {
                return false;
            };
            // Of two keys of the same columns, only one can choose.
            let is_larger = larger.columns.len() > key.columns.len() || *other > at;
            is_larger
                && self.shapes[larger.parent].keys.iter().any(|inner| {
                    let pairs = || inner.columns.iter().zip(&inner.referenced);
                    inner.parent == key.parent
                        && inner.columns.len() == through.len()
                        && through
                            .iter()
                            .zip(&key.referenced)
                            .all(|pair| pairs().any(|other| other == pair))
                })
        })
    }

    /// Tells whether no two keys share a column, those aside for which others choose.
    fn is_free_without(&self, keys: &[usize], within: &[(usize, usize)]) -> bool {
        let choosing: Vec<usize> = keys
            .iter()
            .copied()
            .filter(|key| within.iter().all(|(other, _)| other != key))
            .collect();
        choosing.iter().all(|key| {
            self.shape.keys[*key].columns.iter().all(|column| {
                self.shape.keys_of(*column).filter(|other| choosing.contains(other)).count() == 1
            })
        })
    }

    /// The key and the number of levels by which a unique group wants the rows to be dealt.
    fn wanted(&mut self, ways: &[(usize, Vec<Level>)]) -> Option<(usize, usize)> {
        let plain = self.shape.is_plain();
        let mut wanted: Option<(usize, usize)> = None;
        // Rows are dealt along one path only.
        if self.found.dealt.is_ok() {
            return None;
        }
        for (key, way) in ways {
            let taken_alone = |column: &usize| self.shape.columns[*column].alone;
            if self.shape.keys[*key].columns.iter().any(taken_alone) {
                continue;
            }
            let is_weighted = self.shape.keys[*key].distribution != Distribution::Uniform;
            for group in &self.shape.unique {
                // To keep rows apart, one level is enough; to list them, each may be needed.
                let is_satisfied = self.shape.is_satisfied(group);
                let most = match group.target {
                    true if self.is_shallow && !is_satisfied => 1,
                    true => way.len(),
                    false if plain || is_satisfied => continue,
                    false => 1,
                };
                let mut columns = 0;
                let inside = way.iter().take(most).take_while(|level| {
                    columns += level.columns.len();
                    level.columns.iter().all(|(own, _)| group.columns.contains(own))
                        && columns < group.columns.len()
                });
                let mut depth = inside.count();
                if is_weighted && depth == way.len() {
                    // Rows that are dealt evenly have no distribution. Who needs the list is told why there is none.
                    depth -= 1;
                    if depth == 0 && self.found.dealt == Err(Unlisted::Undeclared) {
                        self.found.dealt = Err(Unlisted::Weighted { key: *key });
                    }
                }
                if depth > wanted.map_or(0, |(_, depth)| depth) {
                    wanted = Some((*key, depth));
                }
            }
        }
        wanted
    }

    /// Makes the path of a family of keys.
    fn path(
        &mut self,
        family: &[usize],
        ways: &[(usize, Vec<Level>)],
        wanted: Option<(usize, usize)>,
    ) -> Result<(), Refusal> {
        let shape = self.shape;
        let is_shared =
            |column: usize| shape.keys_of(column).filter(|key| family.contains(key)).count() > 1;
        // Behind how many levels all shared columns of a way have their values.
        let shared_depth = |way: &[Level]| {
            let shared = |level: &Level| level.columns.iter().any(|(own, _)| is_shared(*own));
            way.iter().rposition(shared).map_or(0, |at| at + 1)
        };
        let deepest = ways.iter().map(|(_, way)| shared_depth(way)).max().unwrap_or(0);
        let longest = |extended: Option<(usize, usize)>| {
            let extended = extended.and_then(|(key, depth)| {
                let (_, way) = ways
                    .iter()
                    .find(|(other, way)| *other == key && shared_depth(way) == deepest)?;
                (depth > deepest).then(|| way[..depth].to_vec())
            });
            extended.or_else(|| {
                let (_, way) = ways.iter().find(|(_, way)| shared_depth(way) == deepest)?;
                Some(way[..deepest].to_vec())
            })
        };
        let mut levels = longest(wanted).unwrap_or_default();
        if levels.len() > DEEPEST {
            levels.truncate(DEEPEST.max(deepest));
        }
        let path = self.found.paths.len();
        let mut chosen = Vec::new();
        for (key, way) in ways {
            let mut depth = 0;
            for (column, _) in way.iter().flat_map(|level| &level.columns) {
                if !is_shared(*column) && wanted.is_none_or(|(wanting, _)| wanting != *key) {
                    continue;
                }
                match agrees(way, &levels, *column) {
                    Some(agreed) => depth = depth.max(agreed),
                    None if !is_shared(*column) => {}
                    None => {
                        let other = ways.iter().find(|(other, _)| {
                            other != key && shape.keys[*other].columns.contains(column)
                        });
                        let other = other.map_or(*key, |(other, _)| *other);
                        return Err(Refusal::Disagree { column: *column, keys: [*key, other] });
                    }
                }
            }
            // Columns of the levels up to there that no other key has get their values from the path as well.
            for (level, own) in levels.iter_mut().zip(way).take(depth) {
                for pair in &own.columns {
                    if !level.columns.contains(pair) {
                        level.columns.push(*pair);
                    }
                }
            }
            chosen.push((*key, depth, depth == way.len()));
        }
        if levels.is_empty() || levels.len() > DEEPEST {
            let column = family
                .iter()
                .flat_map(|key| &shape.keys[*key].columns)
                .find(|column| is_shared(**column));
            let keys = [family[0], family[family.len() - 1]];
            return Err(Refusal::Disagree { column: column.copied().unwrap_or(0), keys });
        }
        let mut in_path = levels.iter().flat_map(|level| &level.columns);
        if let Some((column, _)) = in_path.find(|(own, _)| shape.columns[*own].nullable) {
            if self.found.dealt.is_err() {
                self.found.dealt = Err(Unlisted::Nullable { column: *column });
            }
            return Err(Refusal::Nullable { column: *column });
        }
        let weighted = chosen.iter().find(|(key, _, is_class)| {
            *is_class && shape.keys[*key].distribution != Distribution::Uniform
        });
        let weighted = weighted.map(|(key, _, _)| *key);
        if wanted.is_some() && self.found.dealt.is_err() {
            match weighted {
                None => self.found.dealt = Ok(path),
                Some(key) => {
                    self.found.dealt = Err(Unlisted::Weighted { key });
                    if deepest == 0 {
                        // Nothing is shared: the key keeps its distribution.
                        return Err(Refusal::Weighted { key });
                    }
                }
            }
        }
        for (key, depth, is_class) in &chosen {
            self.found.keys[*key] = match is_class {
                true => Way::Class { path, depth: *depth },
                false => Way::Leaf { path, depth: *depth },
            };
        }
        let keys = chosen.iter().map(|(key, _, _)| *key).collect();
        self.found.paths.push(Path { levels, keys });
        Ok(())
    }
}
