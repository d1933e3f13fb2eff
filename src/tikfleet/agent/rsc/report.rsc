# The report. Each part is read under its own guard; what could not be read is named in "errors".
:local errors ""
:local want [:tostr ($tikfleetMemory->"want")]
:local top [:toarray ""]
:local texts [:toarray ""]
:set ($top->"v") 1
:set ($top->"agent") "@version@/@tier@"
:set ($top->"boot") $boot
:set ($top->"seq") $seq
:set ($top->"uptime") [/system resource get uptime]
:set ($top->"time") ([/system clock get date] . " " . [/system clock get time])
:set ($top->"plan") ($tikfleetMemory->"plan.tag")
:set ($top->"cpu-load") [/system resource get cpu-load]
:set ($top->"free-memory") [/system resource get free-memory]
:set ($top->"free-hdd-space") [/system resource get free-hdd-space]
#+ inventory-part
#+ interfaces
#+ health
#+ wireless
#+ counts
#+ lte
#+ wan
#+ neighbors
# An open job is told again until the server has its outcome.
:if ([:len $job] > 0 and [:len $outcome] > 0 and $outcome != "closed") do={
  :local row { "id"=$job; "state"=$outcome; "error"=($tikfleetMemory->"job-error") }
  :set ($texts->"job") [$section "job" [$entry "job" $row] "group"]
}
# RouterOS sends 64 KB at most. The last in this list go first when it gets tight.
:local message [$opening [$entry "" $top]]
:foreach part in={ "tags"; "job"; "inventory"; "interfaces"; "health"; "lte"; "wireless"; \
  "neighbors" } do={
  :local text [:tostr ($texts->$part)]
  :if (([:len $message] + [:len $text]) > 60000) do={
    :local row { "section"=$part; "error"="left out: the report would be over 64 KB" }
    :set errors ($errors . [$entry "errors" $row])
  } else={
    :set message ($message . $text)
  }
}
:if ([:len $errors] > 4000) do={
  :local row { "section"="report"; "error"="more errors than the report has room for" }
  :set errors [$entry "errors" $row]
}
:if ([:len $errors] > 0) do={ :set message ($message . [$section "errors" $errors "rows"]) }
:set message ($message . "@closing@")
