{{- define "tikfleet.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "tikfleet.labels" -}}
app.kubernetes.io/name: tikfleet
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "tikfleet.selector" -}}
app.kubernetes.io/name: tikfleet
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tikfleet.secret" -}}
{{- if .Values.secret.existing -}}
{{ .Values.secret.existing }}
{{- else if .Values.secret.values -}}
{{ include "tikfleet.name" . }}-settings
{{- end -}}
{{- end -}}

{{/* What all containers of the pod have in common. */}}
{{- define "tikfleet.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
resources:
  {{- toYaml .Values.resources | nindent 2 }}
{{- with include "tikfleet.secret" . }}
envFrom:
  - secretRef:
      name: {{ . }}
{{- end }}
{{- end -}}

{{- define "tikfleet.settings" -}}
- name: TIKFLEET_EDGES
  value: {{ ternary .Values.edges 0 (eq .Values.parts "apart") | quote }}
{{- with .Values.publicUrl }}
- name: TIKFLEET_PUBLIC_URL
  value: {{ . | quote }}
{{- end }}
{{- if .Values.tlsSecret }}
- name: TIKFLEET_TLS_CERTIFICATE
  value: /tls/tls.crt
- name: TIKFLEET_TLS_KEY
  value: /tls/tls.key
{{- end }}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{- define "tikfleet.mounts" -}}
- name: data
  mountPath: /data
- name: tmp
  mountPath: /tmp
{{- if .Values.tlsSecret }}
- name: tls
  mountPath: /tls
  readOnly: true
{{- end }}
{{- end -}}

{{/* The key that makes jobs, for the parts that may. */}}
{{- define "tikfleet.jobKey" -}}
- name: TIKFLEET_JOB_KEY
  value: /keys/job-signing.pem
{{- end -}}

{{- define "tikfleet.http" -}}
startupProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 2
  failureThreshold: 90
livenessProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 5
  timeoutSeconds: 5
{{- end -}}

{{- define "tikfleet.https" -}}
startupProbe:
  tcpSocket: {port: https}
  periodSeconds: 2
  failureThreshold: 90
livenessProbe:
  httpGet: {path: /healthz, port: https, scheme: HTTPS}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end -}}
