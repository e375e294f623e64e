package service

// WatchNetwork is what runs beside the work; Coalesce its pace.
var (
	WatchNetwork = watchNetwork
	Coalesce     = coalesce
)
