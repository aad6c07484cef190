{{/* SPDX-License-Identifier: Apache-2.0 */}}
{{- define "ior.name" -}}
{{- $name := .Release.Name }}
{{- if not (contains .Chart.Name $name) }}{{ $name = printf "%s-%s" $name .Chart.Name }}{{ end }}
{{- .Values.fullnameOverride | default $name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "ior.selector" -}}
app.kubernetes.io/name: ior-exporter
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ior.metadata" -}}
name: {{ include "ior.name" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "ior.selector" . | nindent 2 }}
{{- end }}

{{- define "ior.image" -}}
{{ .Values.image.repository }}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* How to ask for the health: a list of the path, and the root. With a web configuration the
       kubelet has no password, so the program itself asks. */}}
{{- define "ior.probe" -}}
{{- if (index . 1).Values.webConfig.secretName -}}
exec:
  command: [/ior_exporter, --probe]
{{- else -}}
httpGet:
  path: {{ index . 0 }}
  port: web
{{- end }}
{{- end }}
