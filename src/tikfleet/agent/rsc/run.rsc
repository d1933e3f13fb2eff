#<AB
      :set output [:execute as-string script=(":onerror failure in={" . \
        "/import file-name=tikfleet-job.rsc} do={:put (\"tikfleet-job-failed \" . \$failure)}")]
#<C
      :set output [:execute as-string script=(":do {/import file-name=tikfleet-job.rsc} " . \
        "on-error={:put \"tikfleet-job-failed no error text on this RouterOS\"}")]
#<ABC
      :local mark [:find $output "tikfleet-job-failed "]
      :if ([:typeof $mark] = "num") do={
        :set trouble [:pick $output ($mark + 20) [:len $output]]
        :set output [:pick $output 0 $mark]
      }
#<D
      # RouterOS 6 has no job that answers with its output: it goes to a file, the end is a global.
      :global tikfleetJob "running"
      :do { /file remove [/file find where name="tikfleet-job.txt"] } on-error={}
      :execute file="tikfleet-job" script=(":global tikfleetJob; :do {" . \
        "/import file-name=tikfleet-job.rsc; :set tikfleetJob \"done\"} " . \
        "on-error={:set tikfleetJob \"failed\"}")
      :local waited 0
      :while ($tikfleetJob = "running" and $waited < $limit) do={
        :delay 1s
        :set waited ($waited + 1)
      }
      :if ($tikfleetJob = "failed") do={ :set trouble "no error text on this RouterOS" }
      :if ($tikfleetJob = "running") do={
        :set trouble ("not finished after " . $limit . " s; it may still be running")
      }
      :delay 1s
      # A file over 4,095 bytes cannot be read here: its output is said to be cut.
      :local written [/file find where name="tikfleet-job.txt"]
      :if ([:len $written] > 0) do={
        :if ([/file get $written size] < 4096) do={
          :set output [/file get $written contents]
        } else={
          :set truncated "yes"
        }
        :do { /file remove $written } on-error={}
      }
#>
