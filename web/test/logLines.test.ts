import { expect, it } from 'vitest'
import { histogramLines, logSpan } from '~/utils/logLines'

it('counts steps without a line as none', () => {
  const answer = { since: '2026-01-01T00:00:30Z', until: '2026-01-01T00:05:10Z', step_s: 60, total: 3, steps: [{ at: '2026-01-01T00:02:00Z', lines: { info: 1, error: 2 } }] }
  const [others, , errors] = histogramLines(answer).map(line => line.points.map(([, value]) => value))
  expect(others).toEqual([0, 1, 0, 0])
  expect(errors).toEqual([0, 2, 0, 0])
})

it('asks for a span of the page as two moments', () => {
  expect(logSpan({ last: '1h' }, 3_600_000)).toEqual({ since: '1970-01-01T00:00:00.000Z' })
  expect(logSpan({ from: 'a', to: 'b' }, 0)).toEqual({ since: 'a', until: 'b' })
})
