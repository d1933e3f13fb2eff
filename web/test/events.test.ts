import { describe, expect, it } from 'vitest'
import { remarkOf } from '~/utils/events'

describe('what happened', () => {
  it('drops the device that is named beside it', () => {
    expect(remarkOf({ device_name: 'ap-riga-1', text: 'ap-riga-1 reported for the first time' })).toBe('Reported for the first time')
  })

  it('leaves a sentence with another subject as it is', () => {
    expect(remarkOf({ device_name: 'ap', text: 'a router enrolled again' })).toBe('a router enrolled again')
    expect(remarkOf({ device_name: '', text: ' reboot' })).toBe(' reboot')
  })
})
