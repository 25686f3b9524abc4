/**
 * sfc32, the 32-bit "small fast counting" generator of Doty-Humphrey (PractRand): 128 bits of state, period at
 * least 2^32, additions and shifts only.
 */
export class Random {
  private readonly state = new Int32Array(4);

  constructor(seed = 0, stream = 0, substream = 0) {
    this.reseed(seed, stream, substream);
  }

  /** Starts over at a place given by three numbers; equal numbers give equal sequences. */
  reseed(seed: number, stream = 0, substream = 0): void {
    this.state[0] = seed;
    this.state[1] = stream;
    this.state[2] = substream;
    this.state[3] = 1;
    // As the author does: 12 rounds spread a seed over the whole state.
    for (let round = 0; round < 12; round++) this.next();
  }

  /** Uniform unsigned 32-bit integer. */
  next(): number {
    const s = this.state;
    const t = (s[0]! + s[1]! + s[3]!) | 0;
    s[3] = s[3]! + 1;
    s[0] = s[1]! ^ (s[1]! >>> 9);
    s[1] = (s[2]! + (s[2]! << 3)) | 0;
    s[2] = ((s[2]! << 21) | (s[2]! >>> 11)) + t;
    return t >>> 0;
  }

  /** The next `count` numbers as signed words; the state stays in local variables, three times as fast as `next`. */
  fill(words: Int32Array, count: number): void {
    const { state } = this;
    let a = state[0]!;
    let b = state[1]!;
    let c = state[2]!;
    let d = state[3]!;
    for (let i = 0; i < count; i++) {
      const t = (((a + b) | 0) + d) | 0;
      d = (d + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + t) | 0;
      words[i] = t;
    }
    state[0] = a;
    state[1] = b;
    state[2] = c;
    state[3] = d;
  }

  /** Uniform in [0, 1), 32 bits. */
  uniform(): number {
    return this.next() / 0x1_0000_0000;
  }

  /** Uniform integer in [0, bound); bound at most 2^32. The bias of the product method is below bound / 2^32. */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** Standard normal by Box and Muller; for set-up code, not for inner loops. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}
