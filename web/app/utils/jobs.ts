import type { Job, JobStatus } from '~/client/types'
import { formatDuration } from '~/utils/format'
import { t, tWord } from '~/utils/messages'
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

/** What is known about a job beside its output. */
export function jobFacts(job: Job): { label: string, value?: string | null, to?: string, mono?: boolean, at?: string | null }[] {
  return [
    { label: t('device.one'), value: job.device_name, to: `/devices/${job.device_id}` },
    { label: t('job.kind'), value: tWord('jobKind', job.kind) },
    { label: t('job.class'), value: tWord('jobClass', job.job_class) },
    { label: t('job.by'), value: job.created_by.name },
    { label: t('job.asked'), at: job.created_at },
    { label: t('job.finished'), at: job.finished_at },
    ...(jobIsOpen(job) ? [{ label: t('job.expiresAt'), at: job.expires_at }] : []),
    { label: t('job.timeLimit'), value: job.timeout_s === null ? null : formatDuration(job.timeout_s) },
    ...(job.batch_id ? [{ label: t('job.batch'), value: t('job.oneBatch'), to: `/jobs?batch_id=${job.batch_id}` }] : []),
    { label: t('job.id'), value: job.id, mono: true },
  ]
}
