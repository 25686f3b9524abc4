/** A frame in assembly: which parts of which rows have arrived, and when. */
export class OpenFrame {
  /** Device clock at start and end of the frame: as endOfFrame says, until then as its packets say. */
  startTicks = Infinity;
  endTicks = 0;
  /** endOfFrame has come. */
  ended = false;
  /** Rows of which something expected is missing. */
  missingRows: number;
  private readonly rowParts: Uint8Array;

  constructor(
    readonly frame: number,
    readonly slot: number,
    height: number,
    private readonly expectedParts: number,
    /** Host clock, ms. */
    public lastPacketAt: number,
  ) {
    this.missingRows = height;
    this.rowParts = new Uint8Array(height);
  }

  get whole(): boolean {
    return this.ended && this.missingRows === 0;
  }

  get empty(): boolean {
    return this.missingRows === this.rowParts.length;
  }

  packetMadeAt(ticks: number): void {
    if (this.ended) return;
    this.startTicks = Math.min(this.startTicks, ticks);
    this.endTicks = Math.max(this.endTicks, ticks);
  }

  end(startTicks: number, endTicks: number): void {
    this.ended = true;
    this.startTicks = startTicks;
    this.endTicks = endTicks;
  }

  rowsArrived(firstRow: number, rowCount: number, parts: number): void {
    for (let row = firstRow; row < firstRow + rowCount; row++) {
      if (this.isValid(row)) continue;
      this.rowParts[row]! |= parts;
      if (this.isValid(row)) this.missingRows--;
    }
  }

  isValid(row: number): boolean {
    return this.rowParts[row] === this.expectedParts;
  }
}
