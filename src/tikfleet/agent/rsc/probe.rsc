# The version: this installer is made for one tier.
:put ("RouterOS  " . [/system resource get version])

# The clock: a certificate cannot be checked without the date.
:local today [/system clock get date]
:put ("clock     " . $today . " " . [/system clock get time])
#<ABC
:if ([:typeof [:find $today "1970"]] = "num" or [:typeof [:find $today "2000"]] = "num") do={
  :put "STOP: the clock is not set. /system ntp client set enabled=yes servers=pool.ntp.org"
  :set stop 1
}
#<D
:if ([:typeof [:find $today "1970"]] = "num" or [:typeof [:find $today "2000"]] = "num") do={
  :put "STOP: the clock is not set. /ip cloud set update-time=yes, or set /system clock by hand."
  :set stop 1
}
#>

# Device mode: from RouterOS 7.17 a factory setting can forbid what the agent lives on.
:local mode ""
:local fetch "unknown"
:local planner "unknown"
:local flagged ""
:do { :set mode [:tostr [$late "/system device-mode get mode"]] } on-error={}
:do { :set fetch [:tostr [$late "/system device-mode get fetch"]] } on-error={}
:do { :set planner [:tostr [$late "/system device-mode get scheduler"]] } on-error={}
:do { :set flagged [:tostr [$late "/system device-mode get flagged"]] } on-error={}
:if ($fetch = "true") do={ :set fetch "yes" }
:if ($fetch = "false") do={ :set fetch "no" }
:if ($fetch = "") do={ :set fetch "unknown" }
:if ($planner = "true") do={ :set planner "yes" }
:if ($planner = "false") do={ :set planner "no" }
:if ($planner = "") do={ :set planner "unknown" }
:if ($mode != "") do={
  :put ("mode      " . $mode . "; fetch " . $fetch . ", scheduler " . $planner)
}
:if ($fetch = "no" or $planner = "no") do={
  :put "STOP: device mode forbids fetch or the scheduler. Run"
  :put "  /system device-mode update fetch=yes scheduler=yes"
  :put "then press the reset button or cut the power within five minutes, and paste the line again."
  :set stop 1
}
:if ($flagged = "true" or $flagged = "yes") do={
  :put "STOP: RouterOS has flagged this configuration and refuses new scheduler entries. Look for"
  :put "what is not yours, then /system device-mode update flagged=no and confirm it as above."
  :set stop 1
}

# Flash: the scripts need some 50 KB.
:local room [/system resource get free-hdd-space]
:local flash "no"
:if ([:len [/file find where name="flash"]] > 0) do={ :set flash "yes" }
:put ("flash     " . ($room / 1024) . " KiB free")
:if ($room < 131072) do={
  :put "STOP: less than 128 KiB of flash are free. Remove old files or packages first."
  :set stop 1
}

# Trust: who vouches for the server.
:local trust "none"
:if ([:len [/certificate find]] > 0) do={ :set trust "imported" }
:do {
  :if ([$late "/certificate settings get builtin-trust-anchors"] = "trusted") do={
    :set trust "builtin"
  }
} on-error={}
:do {
  :local store [:tostr [$late "/certificate settings get builtin-trust-store"]]
  :if ([:len $store] > 0 and $store != "untrusted") do={ :set trust "builtin" }
} on-error={}
:put ("trust     " . $trust)

# What was found goes with the enrolment.
:global tikfleetProbe
:set tikfleetProbe { "clock"=($today . " " . [/system clock get time]); \
  "device-mode"=$mode; "fetch"=$fetch; "scheduler"=$planner; "trust"=$trust; "flash"=$flash; \
  "free-hdd-space"=$room }
