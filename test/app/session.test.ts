import { beforeEach, describe, expect, it } from 'vitest';
import type { CallOptions, Engine } from '../../src/app/engine';
import type { ModelName } from '../../src/app/models';
import {
  type Enhanced,
  type OperationName,
  type Problem,
  ProblemError,
  type Recipe,
} from '../../src/app/protocol';
import { Session } from '../../src/app/session';

const ENHANCED: Enhanced = { id: '', width: 1, height: 1, pixels: new Blob(), colorSpace: 'srgb', notes: [] };
const ADAPTER = { name: 'Test', detail: '', isSoftware: false };

interface Call {
  readonly type: OperationName;
  readonly file?: File;
  readonly recipe?: Recipe;
  readonly options: CallOptions;
  resolve(output: unknown): void;
  reject(problem: Problem): void;
}

/** An engine whose answers are given by the test. */
class ManualEngine {
  readonly calls: Call[] = [];

  call(
    type: OperationName,
    input: { file?: File; recipe?: Recipe },
    options: CallOptions = {},
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = {
        type,
        options,
        resolve,
        reject: (problem: Problem) => reject(new ProblemError(problem)),
      };
      this.calls.push({ ...call, ...input });
    });
  }

  last(type: OperationName): Call {
    const call = this.calls.findLast((made) => made.type === type);
    if (!call) throw new Error(`no call of ${type}`);
    return call;
  }
}

const by = (model: ModelName): Recipe => ({ model, finish: false, keepHue: false });
const settled = () => new Promise((resolve) => setTimeout(resolve));
const file = (name: string) => new File([name], name);

describe('Session', () => {
  let engine: ManualEngine;
  let session: Session;
  const phases = () => session.photos.map((photo) => photo.state.phase);

  beforeEach(async () => {
    engine = new ManualEngine();
    session = new Session(engine as unknown as Engine);
    void session.start();
    engine.last('start').resolve(ADAPTER);
    await settled();
  });

  async function finish(): Promise<void> {
    engine.last('enhance').resolve(ENHANCED);
    await settled();
  }

  it('enhances one photo at a time, the selected one first', async () => {
    session.add([file('a'), file('b'), file('c')]);
    expect(phases()).toEqual(['working', 'waiting', 'waiting']);
    session.select(session.photos[2]!);
    await finish();
    expect(phases()).toEqual(['done', 'waiting', 'working']);
    await finish();
    expect(phases()).toEqual(['done', 'working', 'done']);
    await finish();
    expect(phases()).toEqual(['done', 'done', 'done']);
  });

  it('continues after a photo that failed, and retries on request', async () => {
    session.add([file('a'), file('b')]);
    engine.last('enhance').reject({ kind: 'device-lost' });
    await settled();
    expect(phases()).toEqual(['failed', 'working']);
    await finish();
    session.retry(session.photos[0]!);
    expect(phases()).toEqual(['working', 'done']);
    await finish();
    expect(phases()).toEqual(['done', 'done']);
  });

  it('rejects non-photos at first sight, before their turn', async () => {
    session.add([file('a'), file('b')]);
    await settled();
    engine.last('thumbnail').reject({ kind: 'not-an-image' });
    await settled();
    engine.last('thumbnail').reject({ kind: 'truncated' });
    await settled();
    expect(session.photos[1]!.state).toEqual({ phase: 'failed', problem: { kind: 'truncated' } });
    await finish();
    expect(engine.calls.filter(({ type }) => type === 'enhance')).toHaveLength(1);
  });

  it('cancels the running photo through its signal and a waiting one at once', async () => {
    session.add([file('a'), file('b')]);
    const [a, b] = session.photos;
    session.cancel(b!);
    expect(b!.state).toEqual({ phase: 'failed', problem: { kind: 'cancelled' } });
    const call = engine.last('enhance');
    expect(call.options.signal?.aborted).toBe(false);
    session.cancel(a!);
    expect(call.options.signal?.aborted).toBe(true);
  });

  it('stops and forgets a removed photo and selects its neighbour', async () => {
    session.add([file('a'), file('b')]);
    const call = engine.last('enhance');
    session.remove(session.photos[0]!);
    expect(call.options.signal?.aborted).toBe(true);
    expect(session.selected?.file.name).toBe('b');
    call.reject({ kind: 'cancelled' });
    await settled();
    expect(phases()).toEqual(['working']);
  });

  it('enhances all photos again with another model, including the current one', async () => {
    session.add([file('a'), file('b')]);
    await finish();
    const call = engine.last('enhance');
    expect(call.recipe?.model).toBe('instant');
    session.setRecipe(by('small'));
    expect(call.options.signal?.aborted).toBe(true);
    call.reject({ kind: 'cancelled' });
    await settled();
    expect(engine.last('enhance').recipe?.model).toBe('small');
    expect(phases()).toEqual(['working', 'waiting']);
    await finish();
    await finish();
    expect(phases()).toEqual(['done', 'done']);
  });

  it('is not confused by a model that is changed and changed back', async () => {
    session.add([file('a')]);
    const call = engine.last('enhance');
    session.setRecipe(by('small'));
    session.setRecipe(by('instant'));
    call.reject({ kind: 'cancelled' });
    await settled();
    expect(phases()).toEqual(['working']);
    expect(engine.last('enhance').recipe?.model).toBe('instant');
  });

  it('is not blocked by unreachable weights while it has others', async () => {
    session.setRecipe(by('small'));
    session.add([file('a')]);
    engine.last('enhance').reject({ kind: 'weights' });
    await settled();
    expect(session.readiness.phase).toBe('ready');
    expect(phases()).toEqual(['failed']);
    session.setRecipe(by('instant'));
    expect(phases()).toEqual(['working']);
  });

  it('is blocked by a lost adapter under any model', async () => {
    session.setRecipe(by('small'));
    session.add([file('a')]);
    engine.last('enhance').reject({ kind: 'no-adapter' });
    await settled();
    expect(session.readiness.phase).toBe('blocked');
  });

  it('keeps photos waiting while the page as a whole is blocked', async () => {
    session.add([file('a')]);
    engine.last('enhance').reject({ kind: 'no-adapter' });
    await settled();
    expect(session.readiness).toEqual({ phase: 'blocked', problem: { kind: 'no-adapter' } });
    expect(phases()).toEqual(['waiting']);
    void session.start();
    engine.last('start').resolve(ADAPTER);
    await settled();
    expect(phases()).toEqual(['working']);
  });

  it('computes nothing twice when networks are compared, and shows the old result until the new one is ready', async () => {
    session.add([file('a'), file('b')]);
    const [a] = session.photos;
    await finish();
    await finish();
    const byInstant = a!.enhanced;
    session.setRecipe(by('small'));
    expect(phases()).toEqual(['working', 'waiting']);
    expect(a!.enhanced).toBe(byInstant);
    const bySmall = { ...ENHANCED, width: 2 };
    engine.last('enhance').resolve(bySmall);
    await settled();
    await finish();
    expect(a!.enhanced).toBe(bySmall);
    const calls = engine.calls.filter(({ type }) => type === 'enhance').length;
    session.setRecipe(by('instant'));
    expect(phases()).toEqual(['done', 'done']);
    expect(a!.enhanced).toBe(byInstant);
    session.setRecipe(by('small'));
    expect(a!.enhanced).toBe(bySmall);
    expect(engine.calls.filter(({ type }) => type === 'enhance')).toHaveLength(calls);
  });

  it('says at once that it is cancelling', () => {
    session.add([file('a')]);
    session.cancel(session.photos[0]!);
    expect(session.photos[0]!.state).toMatchObject({ phase: 'working', isCancelling: true });
  });

  it('knows which photos have unsaved changes', async () => {
    session.add([file('a')]);
    const [a] = session.photos;
    expect(session.unsaved).toEqual([]);
    await finish();
    expect(session.unsaved).toEqual([a]);
    session.markSaved(a!);
    expect(session.unsaved).toEqual([]);
    session.setStrength(a!, 0.5);
    expect(session.unsaved).toEqual([a]);
  });

  it('moves from photo to photo, within the list', () => {
    session.add([file('a'), file('b')]);
    const [a, b] = session.photos;
    session.step(1);
    expect(session.selected).toBe(b);
    session.step(1);
    expect(session.selected).toBe(b);
    session.step(-1);
    expect(session.selected).toBe(a);
  });
});
