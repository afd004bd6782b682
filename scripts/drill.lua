-- drill.lua - runs packetdrill scripts against this TCP.

drill_machinery = nil
error("drill: nothing is run yet", 0)
