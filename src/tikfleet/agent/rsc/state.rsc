# What must outlive a reboot: the count of boots, the last job and how far it came.
:local remember do={
  /system scheduler set [/system scheduler find where name="tikfleet-startup"] \
    comment=("tikfleet: state boots=" . $1 . " job=" . $2 . " outcome=" . $3)
}

# The token to use, and with it the one before until the new one has worked.
:local keep do={
  :local text ("# token=" . $1)
  :if ([:len $2] > 0) do={ :set text ($text . " previous=" . $2) }
  /system script set [/system script find where name="tikfleet-token"] source=$text
}

# Whether it is the turn of a part ($1) of the report, or the server has asked for it.
:local due do={
  :global tikfleetMemory
  :local every [:tonum ($tikfleetMemory->("plan." . $1))]
  :local turn ($tikfleetMemory->"turn")
  :local yes false
  :if ($every > 0) do={ :set yes (($turn - (($turn / $every) * $every)) = 0) }
  :if ([:typeof [:find [:tostr ($tikfleetMemory->"want")] $1]] = "num") do={ :set yes true }
  :return $yes
}
