import type { Job, JobStatus } from '~/client/types'
import { tWord } from '~/utils/messages'
import { visible } from '~/utils/text'

/** What a job is called: what somebody wrote about it, else the first line of its script, else its kind. */
export function jobTitle(job: Pick<Job, 'description' | 'script' | 'kind'>): string {
  const line = job.script?.split('\n').find(text => text.trim())
  return visible(job.description || (job.kind === 'script' ? line : '') || tWord('jobKind', job.kind))
}

const OPEN: JobStatus[] = ['queued', 'delivered', 'running']

export function jobIsOpen(job: Pick<Job, 'status'>): boolean {
  return OPEN.includes(job.status)
}
