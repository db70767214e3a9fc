//! What keeps the unique groups of a dataset apart: which members are numbered, and from which class on.

use super::paths::{Paths, Way};
use super::shape::{Refusal, Shape, UniqueShape, Unlisted};

/// Something whose values have numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    /// A column with a generator of its own.
    Column(usize),
    /// A key, whose values are the parent's rows it can choose among.
    Key(usize),
}

/// Members that are numbered together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Together {
    /// How many levels down the path the rows are told apart already.
    pub(super) depth: usize,
    pub(super) members: Vec<Member>,
    /// The groups, each as places among the members.
    pub(super) groups: Vec<Vec<usize>>,
    /// The groups as places among those of the dataset, for messages.
    pub(super) of: Vec<usize>,
}

/// How many values per row a member needs to keep its groups apart by itself: so many that drawing them freely would
/// hardly repeat one either.
const AMPLE: u64 = 16;

/// A group that something must keep apart.
struct Open {
    at: usize,
    depth: usize,
    members: Vec<Member>,
}

/// Finds what keeps the groups of a dataset apart.
pub(super) fn numbering(
    shapes: &[Shape],
    dataset: usize,
    paths: &Paths,
) -> Result<Vec<Together>, Vec<Refusal>> {
    let shape = &shapes[dataset];
    let mut open: Vec<Open> = shape
        .unique
        .iter()
        .enumerate()
        .filter(|(_, group)| !shape.is_satisfied(group))
        .map(|(at, group)| opened(shapes, shape, paths, at, group))
        .collect();
    let values = |member: &Member| match member {
        Member::Column(column) => shape.columns[*column].values.unwrap_or(0),
        Member::Key(key) => match paths.keys[*key] {
            Way::Free => shapes[shape.keys[*key].parent].rows,
            // How many there are differs from class to class.
            _ => 0,
        },
    };
    let masked =
        |member: &Member| matches!(member, Member::Column(at) if shape.columns[*at].masked);
    let mut together = Vec::new();
    let mut alone = |member: Member, open: &mut Vec<Open>| {
        let (kept, others): (Vec<Open>, Vec<Open>) =
            std::mem::take(open).into_iter().partition(|group| group.members.contains(&member));
        *open = others;
        let of = kept.iter().map(|group| group.at).collect();
        together.push(Together { depth: 0, members: vec![member], groups: vec![vec![0]], of });
    };
    let enough = shape.rows.saturating_mul(AMPLE);
    while let Some(member) = open.iter().find_map(|group| {
        let ample =
            group.members.iter().filter(|member| !masked(member) && values(member) >= enough);
        ample.copied().max_by_key(values)
    }) {
        alone(member, &mut open);
    }
    // Groups of different classes cannot share a numbering: a member with a value for each row serves both.
    while let Some((one, other)) = entangled(&open) {
        let members = open[one].members.iter().chain(&open[other].members);
        let serving = members.filter(|member| values(member) >= shape.rows.max(1));
        let Some(member) = serving.copied().max_by_key(values) else { break };
        alone(member, &mut open);
    }
    let mut refused = Vec::new();
    if let Some((one, other)) = entangled(&open) {
        let groups = [open[one].at, open[other].at];
        refused.push(Refusal::Overlap { groups });
    }
    for group in &open {
        if group.members.is_empty() && group.depth == 0 {
            refused.push(match paths.dealt {
                Err(Unlisted::Weighted { key }) => Refusal::Weighted { key },
                _ => Refusal::NotUnique { group: group.at },
            });
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    while let Some(first) = open.pop() {
        let mut family = vec![first];
        // Whoever shares a member with one of them is numbered with them.
        while let Some(at) = open.iter().position(|group| {
            group
                .members
                .iter()
                .any(|member| family.iter().any(|known| known.members.contains(member)))
        }) {
            family.push(open.remove(at));
        }
        family.sort_by_key(|group| group.at);
        let mut members: Vec<Member> = Vec::new();
        for member in family.iter().flat_map(|group| &group.members) {
            if !members.contains(member) {
                members.push(*member);
            }
        }
        let place = |member: &Member| members.iter().position(|known| known == member);
        let groups =
            family.iter().map(|group| group.members.iter().filter_map(place).collect()).collect();
        let of = family.iter().map(|group| group.at).collect();
        let depth = family.first().map_or(0, |group| group.depth);
        together.push(Together { depth, members, groups, of });
    }
    Ok(together)
}

/// Two groups that share a member and start from different classes.
fn entangled(open: &[Open]) -> Option<(usize, usize)> {
    (0..open.len()).find_map(|one| {
        let other = (0..open.len()).find(|other| {
            open[one].depth != open[*other].depth
                && open[one].members.iter().any(|member| open[*other].members.contains(member))
        })?;
        Some((one, other))
    })
}

/// Finds what a group knows of a row's class, and what else can tell its rows apart.
fn opened(shapes: &[Shape], shape: &Shape, paths: &Paths, at: usize, group: &UniqueShape) -> Open {
    let (mut depth, mut members) = (0, Vec::new());
    if let Ok(dealt) = paths.dealt {
        let known = paths.paths[dealt].levels.iter().take_while(|level| {
            level.identity.iter().all(|column| {
                let gives =
                    |(own, class): &(usize, usize)| class == column && group.columns.contains(own);
                level.columns.iter().any(gives)
            })
        });
        depth = known.count();
    }
    for (at, key) in shape.keys.iter().enumerate() {
        let tells = |(own, referenced): (&usize, &usize)| {
            group.columns.contains(own) && shapes[key.parent].columns[*referenced].alone
        };
        let is_known = key.columns.iter().all(|column| group.columns.contains(column))
            || key.columns.iter().zip(&key.referenced).any(tells);
        if !is_known {
            continue;
        }
        match paths.keys[at] {
            Way::Free => members.push(Member::Key(at)),
            Way::Leaf { path, depth: own } if paths.dealt == Ok(path) => {
                depth = depth.max(own);
                members.push(Member::Key(at));
            }
            Way::Class { path, depth: own } if paths.dealt == Ok(path) => depth = depth.max(own),
            _ => {}
        }
    }
    for column in &group.columns {
        if shape.columns[*column].values.is_some() {
            members.push(Member::Column(*column));
        }
    }
    Open { at, depth, members }
}
