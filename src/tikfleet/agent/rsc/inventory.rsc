# What this router is. A command that this board does not know leaves its field out.
:local inventory [:toarray ""]
:foreach key,command in={ \
  "identity"="/system identity get name"; \
  "serial-number"="/system routerboard get serial-number"; \
  "software-id"="/system license get software-id"; \
  "system-id"="/system license get system-id"; \
  "board-name"="/system resource get board-name"; \
  "model"="/system routerboard get model"; \
  "architecture-name"="/system resource get architecture-name"; \
  "version"="/system resource get version"; \
  "cpu"="/system resource get cpu"; \
  "cpu-count"="/system resource get cpu-count"; \
  "cpu-frequency"="/system resource get cpu-frequency"; \
  "total-memory"="/system resource get total-memory"; \
  "total-hdd-space"="/system resource get total-hdd-space"; \
  "nlevel"="/system license get nlevel"; \
  "level"="/system license get level"; \
  "factory-firmware"="/system routerboard get factory-firmware"; \
  "current-firmware"="/system routerboard get current-firmware"; \
  "upgrade-firmware"="/system routerboard get upgrade-firmware"; \
  "device-mode"="/system device-mode get mode" \
} do={
  :do { :set ($inventory->$key) [$late $command] } on-error={}
}
# A CHR has a system id and a level where a board has a software id and a numbered level.
:if ([:len ($inventory->"software-id")] = 0) do={
  :set ($inventory->"software-id") ($inventory->"system-id")
}
:set ($inventory->"system-id") ""
:set ($inventory->"license-level") ($inventory->"level")
:if ([:len ($inventory->"level")] = 0) do={
  :set ($inventory->"license-level") ($inventory->"nlevel")
}
:set ($inventory->"level") ""
:set ($inventory->"nlevel") ""
