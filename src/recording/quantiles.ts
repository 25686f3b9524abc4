/** How often each value of 16 bits came: quantiles of any number of values in the memory of 65,536. */
export class ValueCounts {
  readonly #counts = new Float64Array(65_536);
  #total = 0;

  add(value: number): void {
    this.#counts[value]!++;
    this.#total++;
  }

  get total(): number {
    return this.#total;
  }

  /** The smallest value that is not exceeded by `share` of the values (nearest rank); null where there are none. */
  quantile(share: number): number | null {
    if (this.#total === 0) return null;
    const rank = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    let value = 0;
    while ((seen += this.#counts[value]!) < rank) value++;
    return value;
  }
}
