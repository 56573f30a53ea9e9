module page

go 1.24
