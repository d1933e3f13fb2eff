import { describe, expect, it } from 'vitest'
import type { Job, JobKindInfo } from '~/client/types'
import { attemptsText, conditionFacts, conditionsPart, fittingOf, noConditions, windowText } from '~/utils/conditions'
import { emptyJobForm, newJobOf } from '~/utils/jobForm'
import { emptyRunForm, formOfRun, newRunOf } from '~/utils/runForm'
import { callbackFacts, callbackSubject } from '~/utils/callbacks'

const kind = (...classes: JobKindInfo['classes']) => ({ kind: 'x', classes }) as unknown as JobKindInfo
const ALL = { ...noConditions(), backup_first: true, retried: true, attempts: 4, pause_s: 30, notify_url: ' https://hooks.acme.example/ ' }
const BOTH = { backs_up: true, repeats: true }

describe('conditions', () => {
  it('are offered only where they go with what is asked', () => {
    const script = { kind: 'script', job_class: 'once' as const, confirm_s: 0 }
    expect(fittingOf(script, undefined, true)).toEqual({ backs_up: true, repeats: false })
    expect(fittingOf({ ...script, job_class: 'desired-state' }, undefined, true).repeats).toBe(true)
    expect(fittingOf({ ...script, job_class: 'desired-state', confirm_s: 300 }, undefined, true).repeats).toBe(false)
    expect(fittingOf({ ...script, kind: 'menu' }, undefined, true)).toEqual(BOTH)
    expect(fittingOf({ ...script, kind: 'ping', confirm_s: 300 }, kind('query'), false)).toEqual({ backs_up: false, repeats: true })
    expect(fittingOf({ ...script, kind: 'reboot' }, kind('once'), false)).toEqual({ backs_up: true, repeats: false })
  })

  it('are sent only where they go with it', () => {
    expect(conditionsPart(ALL, BOTH)).toEqual({ backup_first: true, retry: { attempts: 4, pause_s: 30 }, notify_url: 'https://hooks.acme.example/' })
    expect(conditionsPart({ ...ALL, notify_url: ' ' }, { backs_up: false, repeats: false })).toEqual({})
    expect(conditionsPart(noConditions(), BOTH)).toEqual({})
  })

  it('of a job are its window and the rest', () => {
    const form = { ...emptyJobForm({ script: ':put 1' }, 'Europe/Riga'), conditions: ALL, windowed: true }
    expect(newJobOf(form, {}, [], true, BOTH)).toMatchObject({ backup_first: true, retry: { attempts: 4 }, window: { start: '22:00', timezone: 'Europe/Riga' } })
    expect(newJobOf({ ...form, windowed: false }, {}, [], true, BOTH)).not.toHaveProperty('window')
  })

  it('of a run come back into the form when it is taken up again; its address is told again without being shown', () => {
    const form = { ...emptyRunForm('UTC'), conditions: ALL }
    expect(newRunOf(form, {}, [], true, BOTH)).toMatchObject({ backup_first: true, retry: { attempts: 4, pause_s: 30 }, notify_url: 'https://hooks.acme.example/' })
    const change = { kind: 'script', script: '', parameters: [], confirm_s: 0, timeout_s: 60, expires_in_s: 3600, retry_attempts: 4, retry_pause_s: 30, backup_first: true }
    const spec = { change, description: '', waves: [], limits: form.limits, silence_s: 60, device_ids: null, starts_at: null, joins_until: null, window: null }
    expect(formOfRun({ name: 'DNS', spec } as never, 'UTC').conditions).toEqual({ ...ALL, notify_url: '' })
    const again = formOfRun({ id: 'run_1', name: 'DNS', spec, notifies: 'hooks.acme.example' } as never, 'UTC')
    expect(again.conditions.told_like).toEqual({ id: 'run_1', host: 'hooks.acme.example' })
    expect(newRunOf(again, {}, [], true, BOTH)).toMatchObject({ notify_like: 'run_1' })
    again.conditions.notify_url = 'https://other.example/'
    expect(newRunOf(again, {}, [], true, BOTH)).not.toHaveProperty('notify_like')
    expect(newRunOf({ ...again, conditions: { ...again.conditions, notify_url: '', told_like: null } }, {}, [], true, BOTH)).not.toHaveProperty('notify_like')
  })

  it('are told in words', () => {
    expect(windowText({ start: '22:00', end: '05:00', timezone: 'UTC', days: ['sat', 'sun'] })).toMatch(/22:00 to 05:00 \(UTC\)$/)
    expect(windowText({ start: '22:00', end: '05:00', timezone: 'UTC' })).toBe('daily, 22:00 to 05:00 (UTC)')
    expect(attemptsText(3, 60)).toBe('up to 3, 1 min apart')
    const job = { id: 'job_1', window: null, backup_job_id: 'job_0', retry: { attempts: 3, pause_s: 60, failures: 1, not_before: '2026-11-23T22:00:00Z' }, notifies: 'hooks.acme.example' }
    const facts = conditionFacts(job as unknown as Job)
    expect(facts.map(fact => fact.to ?? fact.at ?? fact.value)).toEqual(['/jobs/job_0', 'up to 3, 1 min apart', '1', '2026-11-23T22:00:00Z', '/callbacks?subject_id=job_1'])
  })
})

describe('a callback', () => {
  it('leads to what it is about', () => {
    expect(callbackSubject({ subject_id: 'run_1' })).toBe('/runs/run_1')
    expect(callbackSubject({ subject_id: 'job_1' })).toBe('/jobs/job_1')
  })

  it('says what is next while it waits', () => {
    const callback = { id: 'cbk_1', event: 'job.finished', subject_id: 'job_1', host: 'h', state: 'waiting', attempts: 1, error: 'refused', created_at: 'a', next_at: 'b', ended_at: null, log: [] }
    expect(callbackFacts(callback as never).map(fact => fact.at ?? fact.value)).toEqual(['job_1', 'h', 'a', 'b', 'refused', 'cbk_1'])
  })
})
