import { FlimdError } from '../protocol/errors.js';

interface PendingRequest {
  resolve(words: Uint32Array): void;
  reject(error: FlimdError): void;
  timer: NodeJS.Timeout;
}

/** Register requests by number, each waiting for its answer for a limited time. */
export class PendingRequests {
  private readonly waiting = new Map<number, PendingRequest>();
  private lastNumber = 0;
  private failure: FlimdError | null = null;

  constructor(private readonly timeoutMs: number) {}

  nextNumber(): number {
    this.lastNumber = (this.lastNumber + 1) >>> 0;
    return this.lastNumber;
  }

  /** `what` completes "the camera did not answer …". */
  begin(number: number, what: string): Promise<Uint32Array> {
    const answer = new Promise<Uint32Array>((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      const timer = setTimeout(() => this.reject(number, this.timeout(what)), this.timeoutMs);
      this.waiting.set(number, { resolve, reject, timer });
    });
    // Whoever asked may not be waiting yet when it fails.
    answer.catch(() => {});
    return answer;
  }

  resolve(number: number, words: Uint32Array): void {
    this.take(number)?.resolve(words);
  }

  reject(number: number, error: FlimdError): void {
    this.take(number)?.reject(error);
  }

  /** No answer will come any more, to later requests neither. */
  rejectAll(error: FlimdError): void {
    this.failure ??= error;
    for (const number of [...this.waiting.keys()]) this.reject(number, error);
  }

  private take(number: number): PendingRequest | undefined {
    const request = this.waiting.get(number);
    clearTimeout(request?.timer);
    this.waiting.delete(number);
    return request;
  }

  private timeout(what: string): FlimdError {
    return new FlimdError('FLIMD_E_LINK_TIMEOUT', `the camera did not answer ${what}`, {
      value: `${this.timeoutMs} ms`,
      action: 'check the link, or restart the camera',
    });
  }
}
