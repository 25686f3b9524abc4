import type { Camera } from '../camera/camera.js';
import type { Diagnostics } from '../camera/diagnostics.js';

/** What a camera says went wrong inside it, and what of it is new. */
export class DiagnosticsWatch {
  #camera: object | null = null;
  #series: number | null = null;
  #latest: Diagnostics | null = null;
  /** Kinds of error that have been told of in this series. */
  #told: readonly string[] = [];

  /** As last read; null where the camera does not say, or has not been asked. */
  get latest(): Diagnostics | null {
    return this.#latest;
  }

  /** There is another camera now. */
  forget(): void {
    this.#camera = null;
    this.#latest = null;
    this.#told = [];
  }

  /**
   * Reads, and gives each kind of error once a series.
   * @param series that the camera is taking; null between series, where its flags still speak of the last one
   * @throws FlimdError of the link
   */
  async look(camera: Pick<Camera, 'readDiagnostics'>, series: number | null): Promise<string[]> {
    this.#camera = camera;
    if (series !== null && series !== this.#series) {
      this.#series = series;
      this.#told = [];
    }
    const read = await camera.readDiagnostics();
    if (camera !== this.#camera) return [];
    this.#latest = read;
    const errors = read?.errors.filter((name) => !this.#told.includes(name)) ?? [];
    this.#told = [...this.#told, ...errors];
    return errors;
  }
}
