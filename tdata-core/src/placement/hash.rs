//! How PostgreSQL hashes the key of a hash-partitioned table, bit for bit.
//!
//! A row's hash joins those of its key's columns that are not null. Its remainder says the partition: `satisfies_hash_partition` tells
//! the same. Each column is hashed by the extended hash function of its type, from one seed. These functions end in Bob Jenkins'
//! `lookup3`, which mixes three words of 32 bits. Bytes are read as machines read them whose lowest byte comes first: PostgreSQL on
//! other machines places rows otherwise.

/// What PostgreSQL hashes the columns of partition keys from.
pub(super) const SEED: u64 = 0x7A5B_2236_7996_DCFD;

/// What all three words start from, the number of bytes aside.
const START: u32 = 0x9e37_79b9_u32.wrapping_add(3_923_095);

/// Joins the hash of one more column to that of the columns before it. The first is joined to 0.
pub const fn joined(hash: u64, column: u64) -> u64 {
    let column = column.wrapping_add(0x49a0_f4dd_15e5_a8e3);
    hash ^ column.wrapping_add(hash << 54).wrapping_add(hash >> 7)
}

/// Returns the shard of a row's hash, from 0; there is one shard at least.
pub const fn shard_of(hash: u64, shards: u32) -> u32 {
    // Less than the number of shards, which has 32 bits.
    (hash % shards as u64) as u32
}

/// Three words that are mixed.
#[derive(Clone, Copy)]
struct Words {
    a: u32,
    b: u32,
    c: u32,
}

impl Words {
    /// Begins with a number of bytes and the seed, which stands before them.
    fn begin(bytes: u32) -> Self {
        let start = START.wrapping_add(bytes);
        let mut words = Self { a: start, b: start, c: start };
        words.add((SEED >> 32) as u32, SEED as u32, 0);
        words.mix();
        words
    }

    fn add(&mut self, a: u32, b: u32, c: u32) {
        self.a = self.a.wrapping_add(a);
        self.b = self.b.wrapping_add(b);
        self.c = self.c.wrapping_add(c);
    }

    fn mix(&mut self) {
        let Self { mut a, mut b, mut c } = *self;
        for turns in [[4, 6, 8], [16, 19, 4]] {
            a = a.wrapping_sub(c) ^ c.rotate_left(turns[0]);
            c = c.wrapping_add(b);
            b = b.wrapping_sub(a) ^ a.rotate_left(turns[1]);
            a = a.wrapping_add(c);
            c = c.wrapping_sub(b) ^ b.rotate_left(turns[2]);
            b = b.wrapping_add(a);
        }
        *self = Self { a, b, c };
    }

    fn end(self) -> u64 {
        let Self { mut a, mut b, mut c } = self;
        c = (c ^ b).wrapping_sub(b.rotate_left(14));
        a = (a ^ c).wrapping_sub(c.rotate_left(11));
        b = (b ^ a).wrapping_sub(a.rotate_left(25));
        c = (c ^ b).wrapping_sub(b.rotate_left(16));
        a = (a ^ c).wrapping_sub(c.rotate_left(4));
        b = (b ^ a).wrapping_sub(a.rotate_left(14));
        c = (c ^ b).wrapping_sub(b.rotate_left(24));
        u64::from(b) << 32 | u64::from(c)
    }
}

/// Hashes bytes.
pub(super) fn of_bytes(bytes: &[u8]) -> u64 {
    // No value of PostgreSQL's has more than 2^30 bytes.
    let mut words = Words::begin(bytes.len() as u32);
    let word = |bytes: &[u8], at: usize| {
        let of = |place: usize| bytes.get(at + place).copied().unwrap_or(0);
        u32::from_le_bytes([of(0), of(1), of(2), of(3)])
    };
    let mut twelves = bytes.chunks_exact(12);
    for twelve in &mut twelves {
        words.add(word(twelve, 0), word(twelve, 4), word(twelve, 8));
        words.mix();
    }
    // The lowest byte of the last word is the number of bytes'.
    let rest = twelves.remainder();
    words.add(word(rest, 0), word(rest, 4), word(rest, 8) << 8);
    words.end()
}

/// Hashes a number of 32 bits.
pub(super) fn of_word(word: u32) -> u64 {
    let mut words = Words::begin(4);
    words.add(word, 0, 0);
    words.end()
}

/// Hashes a whole number: the same for each width that holds it.
pub(super) fn of_int(number: i64) -> u64 {
    let (low, high) = (number as u32, (number >> 32) as u32);
    of_word(low ^ if number >= 0 { high } else { !high })
}
