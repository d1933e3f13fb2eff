import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { Problem } from '~/client/http'
import { useBulk } from '~/composables/useBulk'
import { useResource } from '~/composables/useResource'

const away = () => Promise.reject(new Problem(503, 'warehouse.unavailable', 'No answer.'))
const settled = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

describe('a resource', () => {
  it('has nothing while it loads, then what was asked for', async () => {
    const resource = effectScope().run(() => useResource(() => Promise.resolve('here')))!
    expect(resource).toMatchObject({ data: undefined, pending: true })
    await settled()
    expect(resource).toMatchObject({ data: 'here', pending: false, problem: null })
  })

  it('never mistakes "could not ask" for "there is none"', async () => {
    const resource = effectScope().run(() => useResource(away))!
    await settled()
    expect(resource.data).toBeUndefined()
    expect(resource.problem?.code).toBe('warehouse.unavailable')
  })

  it('keeps what it has when asking again fails, and says so', async () => {
    const load = vi.fn<() => Promise<string>>().mockResolvedValueOnce('here').mockImplementation(away)
    const resource = effectScope().run(() => useResource(load))!
    await settled()
    await resource.refresh()
    expect(resource).toMatchObject({ data: 'here', problem: { code: 'warehouse.unavailable' } })
  })

  it('asks again when its question changes, and drops the late answer to the old one', async () => {
    const question = ref('slow')
    const load = () => new Promise<string>(resolve => setTimeout(resolve, question.value === 'slow' ? 500 : 10, question.value))
    const resource = effectScope().run(() => useResource(load, { watch: () => question.value }))!
    question.value = 'quick'
    await nextTick()
    await vi.advanceTimersByTimeAsync(1000)
    expect(resource.data).toBe('quick')
  })

  it('says so when the server lets it wait, and no longer when the answer has come', async () => {
    const load = () => new Promise<string>(resolve => setTimeout(resolve, 15_000, 'late'))
    const resource = effectScope().run(() => useResource(load))!
    await vi.advanceTimersByTimeAsync(9_000)
    expect(resource.slow).toBe(false)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(resource).toMatchObject({ slow: true, data: undefined })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(resource).toMatchObject({ slow: false, data: 'late' })
  })

  it('gives up on a question that was never answered, and asks it again', async () => {
    const load = vi.fn<() => Promise<string>>().mockImplementationOnce(() => new Promise(() => {})).mockResolvedValue('here')
    const resource = effectScope().run(() => useResource(load, { everyS: 30 }))!
    await vi.advanceTimersByTimeAsync(31_000)
    expect(resource).toMatchObject({ data: 'here', slow: false })
  })

  it('asks again by itself, and stops with its page', async () => {
    const load = vi.fn(() => Promise.resolve(1))
    const scope = effectScope()
    scope.run(() => useResource(load, { everyS: 10 }))
    await vi.advanceTimersByTimeAsync(25_000)
    expect(load).toHaveBeenCalledTimes(3)
    scope.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(load).toHaveBeenCalledTimes(3)
  })
})

it('writes to each of many, and names those that refused', async () => {
  const bulk = useBulk()
  const worked = await bulk.run(['a', 'b', 'c'], id => (id === 'b' ? away() : Promise.resolve()))
  expect(worked).toBe(false)
  expect(bulk).toMatchObject({ done: 3, total: 3, busy: false })
  expect(bulk.failures.map(failure => failure.id)).toEqual(['b'])
})
