import { describe, expect, it } from 'vitest'
import type { Permission, Run, RunState } from '~/client/types'
import type { KindField } from '~/utils/kindForm'
import { emptyRunForm, formOfRun, missingIn, newRunOf, parametersOf, typedValue } from '~/utils/runForm'
import { countsText, doneCount, limitsText, runActions, segmentsOf, waveSizes } from '~/utils/runs'
import { fillTemplate, parameterNames, sourcePlace } from '~/utils/runTemplate'

const COUNTS = { waiting: 0, asked: 0, silent: 0, recalled: 0, succeeded: 0, failed: 0, expired: 0, unknown: 0, cancelled: 0 }

function run(state: RunState, more: Partial<Run> = {}): Run {
  return { state, kind: 'script', counts: COUNTS, created_by: { kind: 'person', id: 'per_ada', name: 'Ada' }, requested_by: null, ...more } as Run
}

describe('a bar of devices', () => {
  it('shows what is done first and leaves out what nobody is in', () => {
    expect(segmentsOf({ ...COUNTS, waiting: 6, succeeded: 3, failed: 1 }).map(one => [one.state, one.percent])).toEqual([['succeeded', 30], ['failed', 10], ['waiting', 60]])
  })

  it('is said in words', () => {
    expect(countsText({ succeeded: 9, silent: 1 })).toBe('9 succeeded, 1 silent')
  })

  it('counts a silent device as not done, since its job is still there', () => {
    expect(doneCount({ succeeded: 2, failed: 1, silent: 4, asked: 1 })).toBe(3)
  })
})

it('says which limits halt a run, and when none does', () => {
  expect(limitsText({ wave_percent: 20, wave_failures: null, percent: null, failures: 3 })).toBe('Halts when more than 20 % of a wave, or 3 of all failed or stay silent.')
  expect(limitsText({ wave_percent: null, wave_failures: null, percent: null, failures: null })).toMatch(/^Never halts/)
})

it('cuts waves as the server does: rounded up, the rest last, empty ones left out', () => {
  expect(waveSizes([{ count: 1 }, { percent: 5 }, { percent: 25 }, { percent: 100 }], 24)).toEqual([1, 1, 4, 18])
  expect(waveSizes([{ count: 1 }, { percent: 5 }, { percent: 25 }, { percent: 100 }], 3)).toEqual([1, 2])
  expect(waveSizes([{ count: 2 }], 5)).toEqual([2, 3])
})

describe('what a person can do about a run', () => {
  const operator = (permission: Permission) => permission === 'runs:write'
  const admin = () => true

  it('is nothing for somebody who only looks', () => {
    expect(runActions(run('running'), () => false, 'per_vera')).toEqual([])
  })

  it('is not to approve what they made or started themselves', () => {
    expect(runActions(run('awaiting_approval'), admin, 'per_ada')).toEqual(['cancel'])
    expect(runActions(run('awaiting_approval', { requested_by: { kind: 'person', id: 'per_bob', name: 'Bob' } }), admin, 'per_bob')).toEqual(['cancel'])
    expect(runActions(run('awaiting_approval'), admin, 'per_bob')).toEqual(['approve', 'reject'])
    expect(runActions(run('awaiting_approval'), operator, 'per_bob')).toEqual(['cancel'])
  })

  it('is to retry only where something failed', () => {
    expect(runActions(run('finished'), operator, 'per_ada')).toEqual([])
    expect(runActions(run('halted', { counts: { ...COUNTS, failed: 1 } }), operator, 'per_ada')).toEqual(['retry', 'resume', 'cancel'])
  })
})

describe('the template of a script', () => {
  it('names its parameters once each, without those of the device and those that are escaped', () => {
    expect(parameterNames('set a=${one} b=${two} c=${one} d=${device.site} e=\\${three}')).toEqual(['one', 'two'])
  })

  it('is checked with values in place, quoted', () => {
    expect(fillTemplate('set a=${a} b=${b} c=${c} d=${device.site}', { a: 'x "y"', b: true, c: ['1', '2'] }).text)
      .toBe('set a="x \\"y\\"" b=yes c="1,2" d="site"')
  })

  it('is checked with an expression where nothing is known yet', () => {
    expect(fillTemplate('set a=${a}', {}).text).toBe('set a=[:tostr 1]')
  })

  it('leads a remark on the filled text back to its place in what was written', () => {
    const source = ':put 1\nset servers=${servers} wrong=1\nadd'
    const filled = fillTemplate(source, { servers: '192.0.2.53,192.0.2.54' })
    const line = filled.text.split('\n')[1]!
    expect(sourcePlace(source, filled, 2, line.indexOf('wrong') + 1)).toEqual({ line: 2, column: source.split('\n')[1]!.indexOf('wrong') + 1 })
    expect(sourcePlace(source, filled, 2, line.indexOf('2.54'))).toMatchObject({ line: 2 })
    expect(sourcePlace(source, filled, 3, 1)).toEqual({ line: 3, column: 1 })
  })

  it('keeps the line of a remark at the very end', () => {
    const source = 'set a=${a}'
    expect(sourcePlace(source, fillTemplate(source, { a: 'long enough to pass the end' }), 1, 99).line).toBe(1)
  })
})

const NAME: KindField = { name: 'name', type: 'text', required: true, unset: false, description: '', example: '', least: 1, most: 64, choices: [], initial: '' }

describe('the form of a run', () => {
  it('gives each parameter the type that was chosen', () => {
    expect([
      typedValue({ type: 'integer', text: '-5' }), typedValue({ type: 'integer', text: 'five' }), typedValue({ type: 'boolean', text: 'true' }),
      typedValue({ type: 'list', text: 'a, b\nc,' }), typedValue({ type: 'string', text: ' kept ' }),
    ]).toEqual([-5, 'five', true, ['a', 'b', 'c'], ' kept '])
  })

  it('sends what its kind needs and nothing else', () => {
    const form = { ...emptyRunForm('UTC'), name: ' Names ', kind: 'identity', typed: { identity: { name: '${device.site}' } }, script: 'left over' }
    const body = newRunOf(form, { tag: ['branch'] }, [NAME])
    expect(body).toMatchObject({ name: 'Names', kind: 'identity', selection: { tag: ['branch'] }, parameters: [{ name: 'name', value: '${device.site}' }] })
    expect(body).not.toHaveProperty('script')
    expect(body).not.toHaveProperty('device_ids')
    expect(body.waves![0]).toEqual({ count: 1, pause_s: 300, gate: false })
  })

  it('forgets the values of parameters that the script no longer names', () => {
    const form = { ...emptyRunForm('UTC'), script: 'set a=${a}', values: { a: { type: 'string' as const, text: '1' }, b: { type: 'string' as const, text: '2' } } }
    expect(parametersOf(form).map(one => one.name)).toEqual(['a'])
  })

  it('says what is missing in a step', () => {
    const form = emptyRunForm('UTC')
    expect(missingIn('devices', form, 0)).toBe('run.missing.matching')
    expect(missingIn('devices', { ...form, everyone: false }, 5)).toBe('run.missing.picked')
    expect(missingIn('change', { ...form, script: 'set a=${a}' }, 5)).toBe('run.missing.value')
    expect(missingIn('waves', form, 5)).toBe('run.missing.name')
    expect(missingIn('waves', { ...form, name: 'x' }, 5)).toBeNull()
  })

  it('is filled again from a run that was made by it', () => {
    const form = { ...emptyRunForm('UTC'), name: 'DNS', script: 'set a=${a}', values: { a: { type: 'list' as const, text: '1, 2' } }, everyone: false, device_ids: ['dev_1'] }
    const sent = newRunOf(form, {})
    const spec = {
      change: { kind: 'script', script: sent.script, parameters: sent.parameters, desired: null, job_class: 'once', unchecked: false, timeout_s: 60, expires_in_s: 604800 },
      description: '', device_ids: ['dev_1'], selection: null, joins_until: null, limits: sent.limits, silence_s: 3600, starts_at: null, window: null, needs_approval: false,
      waves: sent.waves!.map(wave => ({ count: null, percent: null, ...wave })),
    }
    expect(newRunOf(formOfRun({ ...run('planned'), name: 'DNS', spec }, 'UTC'), {})).toEqual(sent)
  })
})
