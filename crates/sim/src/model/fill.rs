//! Assignments of musicians to chairs, by trying all of them. A pool has the musicians for one chair, best first.

use firstcall_core::ids::MusicianId;

/// Whether every chair can be given a different musician (rule 3.4).
pub fn can_fill(pools: &[Vec<MusicianId>]) -> bool {
    fill_from(pools, &mut Vec::new())
}

fn fill_from(pools: &[Vec<MusicianId>], used: &mut Vec<MusicianId>) -> bool {
    let Some((first, rest)) = pools.split_first() else { return true };
    for musician in first {
        if used.contains(musician) {
            continue;
        }
        used.push(*musician);
        let filled = fill_from(rest, used);
        used.pop();
        if filled {
            return true;
        }
    }
    false
}

/// Who is asked for each chair (rule 3.7): as many chairs as possible, then the smallest total rank, then the better
/// rank for the earlier chair.
pub fn line_up(pools: &[Vec<MusicianId>]) -> Vec<Option<MusicianId>> {
    let mut all = Vec::new();
    every_assignment(pools, &mut Vec::new(), &mut all);
    let best = all.into_iter().min_by_key(|ranks| {
        let chosen: Vec<usize> = ranks.iter().filter_map(|rank| *rank).collect();
        let empty = ranks.len() - chosen.len();
        let by_chair: Vec<usize> = ranks.iter().map(|rank| rank.unwrap_or(usize::MAX)).collect();
        (empty, chosen.iter().sum::<usize>(), by_chair)
    });
    let ranks = best.unwrap_or_default();
    ranks.into_iter().zip(pools).map(|(rank, pool)| rank.map(|rank| pool[rank])).collect()
}

/// Every way to give each chair somebody, or nobody. Of each pool only the first few can matter: when everybody up to
/// the number of chairs is passed over, one of them is free.
fn every_assignment(pools: &[Vec<MusicianId>], chosen: &mut Vec<Option<usize>>, all: &mut Vec<Vec<Option<usize>>>) {
    let chair = chosen.len();
    let Some(pool) = pools.get(chair) else {
        all.push(chosen.clone());
        return;
    };
    for (rank, musician) in pool.iter().enumerate().take(pools.len()) {
        let taken = (0..chair).any(|other| chosen[other].is_some_and(|their| pools[other][their] == *musician));
        if !taken {
            chosen.push(Some(rank));
            every_assignment(pools, chosen, all);
            chosen.pop();
        }
    }
    chosen.push(None);
    every_assignment(pools, chosen, all);
    chosen.pop();
}
