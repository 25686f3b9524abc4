import { type RegisterName, register } from '../../protocol/registers.js';
import { canInject } from '../injector.js';
import type { CameraUnderTest } from '../camera-under-test.js';
import { type Check, finding, type Observation } from '../check.js';
import { foreignAddresses, words } from '../register-map.js';
import { refuses } from '../refusals.js';
import {
  changesBetween,
  type Configuration,
  imageOf,
  readConfiguration,
  readRegister,
  type RegisterImage,
} from '../register-image.js';
import { type RegisterTrial, registerTrials } from '../register-trials.js';

/** The register map obeys docs/registers.md: what can be written when, and that a refused access changes nothing. */
export const registersCheck: Check = {
  name: 'registers',
  about: 'what its registers take, and when',
  run: (subject) => new RegisterProof(subject).run(),
};

const ALL_BITS = 0xffff_ffff;
/** A map without any sense would fill pages. */
const MOST_FINDINGS = 40;

class RegisterProof {
  readonly #texts: string[] = [];
  #held = 0;
  #refusals = 0;

  constructor(private readonly subject: CameraUnderTest) {}

  async run(): Promise<Observation> {
    const { camera } = this.subject;
    const trials = registerTrials(this.subject, await canInject(this.subject));
    const found = await readConfiguration(camera.registers);
    for (const trial of trials) await this.#tryWhileIdle(trial, found);
    await this.#unharmed('read-only registers were written', () => this.#tryReadOnly());
    await this.#unharmed('foreign addresses were accessed', () => this.#tryForeign());
    await this.#unharmed('command was read', () =>
      this.#mustRefuse('a read of command', this.#read('command')),
    );
    await this.#checkLastRefusal();
    await this.#tryWhileArmed(trials);
    await this.#tryWhileAcquiring(trials);
    const findings = this.#texts.slice(0, MOST_FINDINGS).map(finding);
    const more = this.#texts.length - findings.length;
    return {
      summary: `${this.#held} values held while idle; ${this.#refusals} accesses refused as they must be`,
      figures: { valuesHeld: this.#held, accessesRefused: this.#refusals },
      findings: more > 0 ? [...findings, finding(`and ${more} more`)] : findings,
    };
  }

  /** What may be written is read back and touches no other register; what may not is refused. */
  async #tryWhileIdle({ name, taken, refused }: RegisterTrial, found: Configuration): Promise<void> {
    const before = await this.#image();
    for (const value of taken) {
      if (await refuses(this.#write(name, value))) this.#texts.push(`${name} refuses ${value} while idle`);
      else await this.#readBack(name, value, before);
    }
    await this.#write(name, found.get(name)!);
    for (const value of refused) {
      await this.#mustRefuse(`${value} for ${name}`, this.#write(name, value));
      await this.#expectValue(name, found.get(name)!, `after ${value} was refused`);
    }
  }

  async #readBack(name: RegisterName, value: number, before: RegisterImage): Promise<void> {
    const image = await this.#image();
    const now = image.get(name);
    if (now === value) this.#held++;
    else this.#texts.push(`${name} was given ${value} while idle and holds ${now}`);
    const others = changesBetween(before, image, name);
    if (others.length > 0) this.#texts.push(`a write to ${name} changed others: ${others.join(', ')}`);
  }

  async #tryReadOnly(): Promise<void> {
    for (const word of words.filter(({ access }) => access === 'ro')) {
      if (word.block === 'diagnostics' && !this.subject.camera.hasDiagnostics) continue;
      const [value] = await this.subject.camera.registers.read(word.address, 1);
      const other = (value! ^ ALL_BITS) >>> 0;
      const write = this.subject.camera.registers.write(word.address, [other]);
      await this.#mustRefuse(`a write to ${word.name}, which is read-only`, write);
    }
  }

  async #tryForeign(): Promise<void> {
    const { registers } = this.subject.camera;
    for (const address of foreignAddresses) {
      const at = `0x${address.toString(16).padStart(3, '0')}, where no register is`;
      await this.#mustRefuse(`a read at ${at}`, registers.read(address, 1));
      await this.#mustRefuse(`a write at ${at}`, registers.write(address, [ALL_BITS]));
    }
  }

  /** For hosts whose bus does not tell: count, direction and address of the last refused access. */
  async #checkLastRefusal(): Promise<void> {
    if (!this.subject.camera.hasDiagnostics) return;
    const { address } = register('width');
    const before = await this.#read('lastRefusal');
    await this.#mustRefuse('a write to width', this.#write('width', 1));
    const expected = (((((before >>> 16) + 1) & 0xffff) << 16) | 0x8000 | address) >>> 0;
    await this.#expectValue('lastRefusal', expected, 'after a refused write to width');
  }

  async #tryWhileArmed(trials: readonly RegisterTrial[]): Promise<void> {
    const { subject } = this;
    await subject.arm({ output: subject.allOutputs, frameLimit: 1 });
    await this.#mustBeLocked(trials, 'armed');
    await subject.settle();
  }

  async #tryWhileAcquiring(trials: readonly RegisterTrial[]): Promise<void> {
    const { subject } = this;
    const probe = await subject.start({ output: subject.allOutputs, frameLimit: 0 });
    await this.#mustBeLocked(trials, 'acquiring');
    await subject.camera.stop();
    if (!(await probe.untilIdle())) this.#texts.push('the camera does not stop');
    await subject.settle();
  }

  /** Every register of the configuration is given a value that it would take while idle, and does not hold now. */
  async #mustBeLocked(trials: readonly RegisterTrial[], state: string): Promise<void> {
    const { registers, hasDiagnostics } = this.subject.camera;
    for (const { name, taken } of trials) {
      const now = await this.#read(name);
      const other = taken.find((value) => value !== now);
      if (other === undefined) continue;
      await this.#mustRefuse(`${other} for ${name} while ${state}`, this.#write(name, other));
      await this.#expectValue(name, now, `after ${other} was written while ${state}`);
    }
    if (!hasDiagnostics) return;
    const clears = registers.write(register('errorFlags').address, [0]);
    if (await refuses(clears)) this.#texts.push(`errorFlags cannot be cleared while ${state}`);
  }

  async #mustRefuse(what: string, access: Promise<unknown>): Promise<void> {
    if (await refuses(access)) this.#refusals++;
    else this.#texts.push(`the camera took ${what}`);
    this.subject.signal.throwIfAborted();
  }

  async #expectValue(name: RegisterName, value: number, when: string): Promise<void> {
    const now = await this.#read(name);
    if (now !== value) this.#texts.push(`${name} is ${now} ${when}, not ${value}`);
  }

  /** Whatever was refused has left the camera as it was. */
  async #unharmed(when: string, access: () => Promise<void>): Promise<void> {
    const before = await this.#image();
    await access();
    const changes = changesBetween(before, await this.#image());
    if (changes.length > 0) this.#texts.push(`after ${when}: ${changes.join(', ')}`);
  }

  #image(): Promise<RegisterImage> {
    return imageOf(this.subject.camera.registers);
  }

  #read(name: RegisterName): Promise<number> {
    return readRegister(this.subject.camera.registers, name);
  }

  #write(name: RegisterName, value: number): Promise<void> {
    return this.subject.camera.registers.write(register(name).address, [value]);
  }
}
