/**
 * Mean over frames, pixel by pixel, of the values that are valid (not 0), weighted by the photons of the pixel there:
 * Σ nτ / Σ n; or, of standard errors, that of such a mean of independent values: √(Σ n²σ²) / Σ n.
 */
export class WeightedMean {
  readonly #sum: Float64Array;
  readonly #weights: Float64Array;

  constructor(
    pixels: number,
    private readonly ofErrors = false,
  ) {
    this.#sum = new Float64Array(pixels);
    this.#weights = new Float64Array(pixels);
  }

  add(values: ArrayLike<number>, photons: ArrayLike<number>): void {
    for (let pixel = 0; pixel < values.length; pixel++) {
      if (values[pixel] === 0) continue;
      const weighted = values[pixel]! * photons[pixel]!;
      this.#sum[pixel]! += this.ofErrors ? weighted ** 2 : weighted;
      this.#weights[pixel]! += photons[pixel]!;
    }
  }

  /** In whole ps as in every frame; what is valid is at least 1. */
  result(): Uint16Array {
    return new Uint16Array(this.#sum.length).map((_, pixel) => {
      const weight = this.#weights[pixel]!;
      if (weight === 0) return 0;
      const sum = this.#sum[pixel]!;
      return Math.max(1, Math.round((this.ofErrors ? Math.sqrt(sum) : sum) / weight));
    });
  }
}
