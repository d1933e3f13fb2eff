import { describe, expect, it } from 'vitest'
import { heardEvent, remarkOf } from '~/utils/events'

describe('what happened', () => {
  it('drops the device that is named beside it', () => {
    expect(remarkOf({ device_name: 'ap-riga-1', text: 'ap-riga-1 reported for the first time' })).toBe('Reported for the first time')
  })

  it('leaves a sentence with another subject as it is', () => {
    expect(remarkOf({ device_name: 'ap', text: 'a router enrolled again' })).toBe('a router enrolled again')
    expect(remarkOf({ device_name: '', text: ' reboot' })).toBe(' reboot')
  })

  it('has a moment and the kind of the news also when a job has ended', () => {
    const told = { id: 'job_1', device_id: 'dev_1', device_name: 'ap', kind: 'ping', text: 'ping failed' }
    expect(heardEvent('job.finished', told, 0)).toMatchObject({ ...told, kind: 'job.finished', at: '1970-01-01T00:00:00.000Z' })
    expect(heardEvent('device.online', { at: '2026-11-23T04:20:11.000Z' }, 0).at).toBe('2026-11-23T04:20:11.000Z')
  })
})
