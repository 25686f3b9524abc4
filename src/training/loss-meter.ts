/** Mean loss and rate of the steps since the last reading. */
export class LossMeter {
  private count = 0;
  private sum = 0;
  private began = performance.now();

  add(loss: number): void {
    this.sum += loss;
    this.count++;
  }

  get seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  /** Reads the meter and starts it over. */
  take(): { loss: number; stepsPerSecond: number } {
    const reading = { loss: this.sum / this.count, stepsPerSecond: this.count / this.seconds };
    this.sum = 0;
    this.count = 0;
    this.began = performance.now();
    return reading;
  }
}
