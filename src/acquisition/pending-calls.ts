interface PendingCall<Result> {
  resolve(result: Result): void;
  reject(error: Error): void;
}

/** Questions to another thread that wait for their answers. */
export class PendingCalls<Result> {
  private readonly waiting = new Map<number, PendingCall<Result>>();
  private lastId = 0;
  private failure: Error | null = null;

  begin(): { id: number; answer: Promise<Result> } {
    const id = ++this.lastId;
    const answer = new Promise<Result>((resolve, reject) => {
      if (this.failure) reject(this.failure);
      else this.waiting.set(id, { resolve, reject });
    });
    return { id, answer };
  }

  resolve(id: number, result: Result): void {
    this.take(id)?.resolve(result);
  }

  reject(id: number, error: Error): void {
    this.take(id)?.reject(error);
  }

  /** No answer will come any more, to later calls neither. */
  rejectAll(error: Error): void {
    this.failure = error;
    for (const call of this.waiting.values()) call.reject(error);
    this.waiting.clear();
  }

  private take(id: number): PendingCall<Result> | undefined {
    const call = this.waiting.get(id);
    this.waiting.delete(id);
    return call;
  }
}
