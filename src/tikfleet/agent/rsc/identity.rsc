# Who we are: the token, the state, and a boot id that no earlier boot had.
:local holder [/system script get [/system script find where name="tikfleet-token"] source]
:local token [$word $holder "token"]
:local previous [$word $holder "previous"]
:if ([:len $previous] > 0 and ($tikfleetMemory->"fallback") = "yes") do={ :set token $previous }
:local startup [/system scheduler find where name="tikfleet-startup"]
# The entry that remembers may have been deleted by hand.
:if ([:len $startup] = 0) do={
  /system scheduler add name="tikfleet-startup" start-time=startup \
    policy=@policies@ \
    on-event=":delay 20s; /system script run tikfleet-agent" \
    comment="tikfleet: state boots=0 job= outcome="
  :set startup [/system scheduler find where name="tikfleet-startup"]
}
:local state [/system scheduler get $startup comment]
:local boots [:tonum [$word $state "boots"]]
:if ([:typeof $boots] != "num") do={ :set boots 0 }
:local job [$word $state "job"]
:local outcome [$word $state "outcome"]
:if ([:len ($tikfleetMemory->"boot")] = 0) do={
  :set boots ($boots + 1)
  $remember $boots $job $outcome
  # The count alone makes the id new, also where the clock is unset; the rest is for a count that
  # was lost with the flash.
#<AB
  :set ($tikfleetMemory->"boot") ("b" . $boots . "-" . [:rndstr length=16])
#<CD
  :set ($tikfleetMemory->"boot") ("b" . $boots . "-" . [/system resource get free-memory] . \
    "-" . [/system clock get time])
#>
  :set ($tikfleetMemory->"seq") 1
  :set ($tikfleetMemory->"turn") 0
  :set ($tikfleetMemory->"failures") 0
  # How often each part is read, counted in check-ins, until the server says otherwise.
  :foreach part,every in={ "interfaces"=1; "health"=5; "wireless"=5; "counts"=5; "lte"=5; \
    "wan"=5; "neighbors"=60; "inventory"=60 } do={
    :set ($tikfleetMemory->("plan." . $part)) $every
  }
}
:local boot ($tikfleetMemory->"boot")
:local seq ($tikfleetMemory->"seq")
